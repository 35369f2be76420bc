import { bytesText } from "../../ground/latin1.js";
import { MAX_NAME } from "./errors.js";

// A format file begins with the lines `name: NAME` and `ID: N`, and ends with `print fmt: ...` (f_show(),
// kernel/trace/trace_events.c 6.12 to 7.3). There are thousands, and few are needed: only the id is read at once, from the bytes.

const NAME = Buffer.from("name: ");
const ID = Buffer.from("ID: ");
const PRINT_FMT = Buffer.from("print fmt: ");
const MAX_DIGITS = 5;
const MAX_ID = 0xffff;
const [NEWLINE, CARRIAGE_RETURN, ZERO, NINE] = [10, 13, 48, 57] as const;

/** Whether a file begins as a format file does. */
export function isFormat(bytes: Uint8Array): boolean {
  return isAt(bytes, 0, NAME);
}

/** Whether a format file that begins at `start` ends at `end`: with the line that a kernel writes last. */
export function endsAsFormat(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= PRINT_FMT.length || bytes[end - 1] !== NEWLINE) return false;
  const line = bytes.lastIndexOf(NEWLINE, end - 2) + 1;
  return line > start && isAt(bytes, line, PRINT_FMT);
}

/** The id of a format file's event; undefined where the file does not begin as one does. */
export function peekId(bytes: Uint8Array): number | undefined {
  if (!isFormat(bytes)) return undefined;
  const nameEnd = peekNameEnd(bytes);
  const idLine = behindLineEnd(bytes, nameEnd);
  if (nameEnd === NAME.length || nameEnd > NAME.length + MAX_NAME || idLine === undefined || !isAt(bytes, idLine, ID))
    return undefined;
  const digits = idLine + ID.length;
  let at = digits;
  let id = 0;
  for (; isDigit(bytes[at]) && at < digits + MAX_DIGITS; at++) id = id * 10 + bytes[at]! - ZERO;
  return at > digits && id <= MAX_ID && behindLineEnd(bytes, at) !== undefined ? id : undefined;
}

/** The name of an event whose format file begins as one does, one character a byte. */
export function peekName(bytes: Uint8Array): string {
  return bytesText(bytes, NAME.length, peekNameEnd(bytes));
}

function peekNameEnd(bytes: Uint8Array): number {
  let at = NAME.length;
  while (at < bytes.length && !isSpace(bytes[at]!)) at++;
  return at;
}

/** Where the next line begins; undefined where the line does not end here. Copies that went through other hands have CRs. */
function behindLineEnd(bytes: Uint8Array, at: number): number | undefined {
  const newline = bytes[at] === CARRIAGE_RETURN ? at + 1 : at;
  return bytes[newline] === NEWLINE ? newline + 1 : undefined;
}

function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Tab to carriage return, a blank, and Latin-1's blank that does not break. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 9 && byte <= CARRIAGE_RETURN) || byte === 0xa0;
}
