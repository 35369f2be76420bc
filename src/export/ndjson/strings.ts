import { decodeLatin1, encodeLatin1 } from "../../ground/latin1.js";
import { safeJson } from "../../ground/safe-text.js";
import type { TextSink } from "../../print/text-sink.js";

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A JSON string of text that is one character a byte, to be written out one byte a character. */
export function jsonText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : encodeLatin1(safeJson(decodeLatin1(text)));
}

/** A JSON array of strings. */
export function textsJson(texts: readonly string[]): string {
  return `[${texts.map(jsonText).join(",")}]`;
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
