import type { TextSink } from "../../print/text-sink.js";

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;

/**
 * A JSON string of text that is one character a byte, to be written out one byte a character: well-formed UTF-8 stays,
 * any other byte above 0x7f becomes the character of that number.
 */
export function jsonText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = "";
  let from = 0;
  for (const match of text.matchAll(UTF8)) {
    out += escapeBytes(text.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return `"${out}${escapeBytes(text.slice(from))}"`;
}

/** Writes text as a JSON string. */
export function writeJsonText(text: string, out: TextSink): void {
  out.char(QUOTE);
  const from = out.at;
  out.text(text);
  quoteJson(from, out);
}

/** Ends a JSON string whose quote stands before `from`: what was written since is escaped where it must be. */
export function quoteJson(from: number, out: TextSink): void {
  if (out.plainSince(from)) out.char(QUOTE);
  else out.replace(from, jsonText(out.string(from)).slice(1));
}

const QUOTE = 34;

function escapeBytes(text: string): string {
  return text.replace(/[\x00-\x1f"\\\x7f-\xff]/g, (c) => {
    if (c === '"' || c === "\\") return `\\${c}`;
    if (c === "\n") return "\\n";
    if (c === "\t") return "\\t";
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
