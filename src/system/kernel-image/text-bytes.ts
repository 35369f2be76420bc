/** Longer ones are no names or messages. */
export const MAX_CONSTANT_TEXT = 1024;

/** What a message or a name is made of. */
export function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a;
}
