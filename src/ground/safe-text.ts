import { decodeLatin1, encodeLatin1 } from "./latin1.js";

/**
 * What must not reach a terminal as it is: control characters (escape sequences begin with one; C1 among them), line
 * and paragraph separators, lone surrogates, and all that is not seen but changes what is: format characters (the
 * bidirectional overrides), zero-width characters, variation selectors, fillers.
 */
const UNSAFE = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
/** Made when something is looked for: to make one takes a millisecond. */
let unsafe: RegExp | undefined;
let unsafeInLines: RegExp | undefined;

/** Most text is this, and there is nothing to look for. */
const PLAIN = /^[\x20-\x7e]*$/;
const PLAIN_LINES = /^[\x20-\x7e\n\t]*$/;

/** A name or a message, safe to show within a line: what is unsafe comes out as `\xNN` or `\u{N}`. */
export function safeText(text: string): string {
  return PLAIN.test(text) ? text : escapeUnsafe(text, escaped);
}

/** The same for text of several lines: newline and tab stay. */
export function safeLines(text: string): string {
  if (PLAIN_LINES.test(text)) return text;
  unsafeInLines ??= new RegExp(`(?![\\n\\t])${UNSAFE}`, "gu");
  return text.replace(unsafeInLines, escaped);
}

/** A name of one character a byte (see latin1.ts), safe to show within a line; the result is such text again. */
export function safeBytes(text: string): string {
  return PLAIN.test(text) ? text : encodeLatin1(safeText(decodeLatin1(text)));
}

/** The same for text of several lines. */
export function safeByteLines(text: string): string {
  return PLAIN_LINES.test(text) ? text : encodeLatin1(safeLines(decodeLatin1(text)));
}

/** A JSON document on one line, which means the same wherever it is shown: what is unsafe is escaped within its strings. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  return PLAIN.test(json) ? json : escapeUnsafe(json, jsonEscaped);
}

function escapeUnsafe(text: string, how: (char: string) => string): string {
  unsafe ??= new RegExp(UNSAFE, "gu");
  return text.replace(unsafe, how);
}

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

function jsonEscaped(char: string): string {
  let text = "";
  for (let i = 0; i < char.length; i++) text += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
