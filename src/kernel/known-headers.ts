/**
 * Headers of sub-buffers that somebody has read already, by where the sub-buffer lies in the image: a boot that asks for them need
 * not read the image again. What is not known is undefined.
 */
export interface KnownHeaders {
  timeStamp(offset: number): bigint | undefined;
  /** All of the long. */
  commit(offset: number): bigint | undefined;
  /** Its low 32 bits. */
  commitLow(offset: number): number | undefined;
}
