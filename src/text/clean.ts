/** Control characters, and the bytes that some terminals take for them (C1). */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
const EACH_CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** UTF-8 sequences, one character a byte: their bytes above 0x7f are no control characters. */
const UTF8 =
  /\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/**
 * Makes text from an image safe for a terminal: control characters but newline and tab become `\xNN`. Text is one
 * character a byte; well-formed UTF-8 is left alone.
 */
export function cleanText(text: string): string {
  if (!CONTROL.test(text)) return text;
  let out = "";
  let from = 0;
  for (const match of text.matchAll(UTF8)) {
    out += escapeControls(text.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return out + escapeControls(text.slice(from));
}

function escapeControls(text: string): string {
  return text.replace(EACH_CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
