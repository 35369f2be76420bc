/** A piece of the writing boot's memory. */
export interface PlacedMemory {
  readonly address: bigint;
  readonly size: number;
}

/** Text in a kernel's own memory, by address: what its %s finds there. */
export interface KernelText {
  /** _text in the file, where addresses are those that the kernel was linked with; undefined for those of the writing boot. */
  readonly linkedAt: bigint | undefined;
  /** A constant's text; undefined where there is none that can be relied on. One character a byte. */
  textAt(address: bigint): string | undefined;
  /** A module's, by its address in the writing boot. */
  moduleTextAt?(address: bigint): string | undefined;
  /** What trace_output.c's task_index_to_char() finds by each number, where the kernel lies as it was linked. */
  readonly taskStates?: string | undefined;
}
