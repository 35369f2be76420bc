export interface FaultPlace {
  /** The function that the crash report names (inlined callees are named after their caller). */
  readonly fn: string;
  /** Whose buffer is being set up. */
  readonly cpu: number;
  /** The address that is accessed, where it is known. */
  readonly address?: bigint;
}

/** The kernel itself fails on these bytes: a crash or a hang, not a message. */
export class KernelFault extends Error {
  override readonly name = "KernelFault";
  readonly fn: string;
  readonly cpu: number;
  readonly address: bigint | undefined;

  /** @param kind what happens */
  constructor(
    readonly kind: "null-dereference" | "endless-loop" | "bad-access" | "unknown-memory",
    { fn, cpu, address }: FaultPlace,
    message: string,
  ) {
    super(message);
    this.fn = fn;
    this.cpu = cpu;
    this.address = address;
  }
}
