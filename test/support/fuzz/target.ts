/** What a fuzzer that watches the coverage tries. What it finds is thrown. */
export interface Target {
  /** Inputs to begin with. */
  corpus(): Uint8Array[];
  fuzz(data: Uint8Array): void | Promise<void>;
}
