/** A regular file of an archive, where it lies in the unpacked archive. */
export interface ArchiveFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}
