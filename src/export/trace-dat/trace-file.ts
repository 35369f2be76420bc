/** All of a file but the pages. */
export interface TraceFile {
  /** What stands before the pages of a buffer. */
  before(buffer: number): Iterable<Uint8Array>;
  /** What stands behind the pages of the last. */
  end(): Iterable<Uint8Array>;
  /** Events of types that have no format. */
  readonly unknownEvents: number;
  /** Tasks that had other names before. */
  readonly renamed: number;
}
