/** The kernel itself fails on these bytes: a crash or a hang, not a message. */
export class KernelFault extends Error {
  override readonly name = "KernelFault";
  /**
   * @param kind what happens
   * @param fn the function that the crash report names (inlined callees are named after their caller)
   * @param cpu whose buffer is being set up
   * @param address the address that is accessed, where it is known
   */
  constructor(
    readonly kind: "null-dereference" | "endless-loop" | "bad-access" | "unknown-memory",
    readonly fn: string,
    readonly cpu: number,
    readonly address: bigint | undefined,
    message: string,
  ) {
    super(message);
  }
}
