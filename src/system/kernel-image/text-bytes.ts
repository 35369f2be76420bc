import { latin1 } from "../../ground/latin1.js";

/** Longer ones are no names or messages. */
export const MAX_CONSTANT_TEXT = 1024;

/** What a message or a name is made of. */
export function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a;
}

/** The text that memory begins with, up to its NUL; undefined where there is none, or it is no message or name. */
export function textAtStart(memory: Uint8Array): string | undefined {
  const end = memory.subarray(0, MAX_CONSTANT_TEXT + 1).indexOf(0);
  const text = memory.subarray(0, Math.max(0, end));
  return end >= 0 && text.every(isTextByte) ? latin1(text) : undefined;
}
