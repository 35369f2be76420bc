/** Why a file that looks like a kernel or module cannot be used as one; the message says what is missing in it. */
export class KernelImageError extends Error {
  override readonly name = "KernelImageError";
}
