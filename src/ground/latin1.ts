/**
 * Text of the kernel is bytes: it is held one character a byte (latin1), so that any byte can be written out
 * unchanged. What of it is UTF-8 is decided here, once.
 */

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

const CHARS: readonly string[] = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));

/** The bytes from `at` to `end` as text. For the short pieces of a hot path: faster than latin1(). */
export function bytesText(u: Uint8Array, at: number, end: number): string {
  if (end - at > 64) {
    let long = "";
    for (let i = at; i < end; i += 4096)
      long += String.fromCharCode.apply(null, u.subarray(i, Math.min(end, i + 4096)) as unknown as number[]);
    return long;
  }
  let s = "";
  for (let i = at; i < end; i++) s += CHARS[u[i]!]!;
  return s;
}

const BEYOND_ASCII = /[\x80-\xff]/;
/** Well-formed UTF-8 (Unicode 15, table 3-7), one character a byte. */
const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;

/** What a person reads in text of one character a byte: well-formed UTF-8, and any other byte as the character of its number. */
export function decodeLatin1(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  return text.replace(UTF8, (sequence) => Buffer.from(sequence, "latin1").toString("utf8"));
}

/** The UTF-8 of a string, one character a byte. A lone surrogate becomes U+FFFD. */
export function encodeLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
