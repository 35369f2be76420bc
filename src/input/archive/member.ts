import type { ByteStream } from "../byte-stream.js";

/** A regular file of an archive that is read in order. */
export interface Member {
  readonly path: string;
  readonly size: number;
  /** Stands before what the file holds; what is not taken of it is passed over. */
  readonly content: ByteStream;
}
