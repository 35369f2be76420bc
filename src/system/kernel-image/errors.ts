/** Why a file that looks like a kernel or module cannot be used as one; the message says what is missing in it. */
export class KernelImageError extends Error {
  override readonly name = "KernelImageError";
}

/** A kernel's type information contradicts its own bytes. */
export class TypesDisagree extends KernelImageError {
  /** @param differences struct by struct: what the types say, and what the bytes do */
  constructor(readonly differences: readonly string[]) {
    super(`its BTF disagrees with its event descriptions: ${differences.join("; ")}`);
  }
}
