import { OVERFLOW } from "./runtime.js";

/** More %p extensions on memory inside the record (lib/vsprintf.c, 6.12 to 7.3): characters, escaped text, times. */

/** %p4cc: fourcc_string(). The top bit says that the format is big-endian. */
export function fourcc(d: DataView, at: number, start: number, end: number, littleEndian: boolean): string {
  if (at < start || at + 4 > end) return OVERFLOW;
  const value = d.getUint32(at, littleEndian);
  let text = "";
  for (let i = 0; i < 4; i++) {
    const c = ((value & 0x7fffffff) >>> (8 * i)) & 0xff;
    text += c >= 0x20 && c < 0x7f ? String.fromCharCode(c) : ".";
  }
  const hex = value.toString(16).padStart(8, "0");
  return `${text} ${value >>> 31 ? "big" : "little"}-endian (0x${hex})`;
}

const SPACES: Readonly<Record<number, string>> = { 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 12: "\\f" };
const SPECIALS: Readonly<Record<number, string>> = { 92: "\\\\", 7: "\\a", 27: "\\e", 34: '\\"' };

/** %*pE[achnops]: escaped_string() and string_escape_mem(). */
export function escaped(u: Uint8Array, at: number, start: number, end: number, ext: string, width: number): string {
  const length = width < 0 ? 1 : width;
  if (length === 0) return "";
  if (at < start || at >= end) return OVERFLOW;
  const flags = ext.slice(1);
  const any = flags === "" || flags.includes("a");
  const has = (flag: string) => any || flags.includes(flag);
  // ESCAPE_ANY_NP without flags: what is printable stays.
  const keepsPrintable = flags === "" || flags.includes("p");
  const stop = Math.min(end, at + length);
  let out = "";
  for (let i = at; i < stop; i++) {
    const c = u[i]!;
    if (keepsPrintable && c >= 0x20 && c < 0x7f) out += String.fromCharCode(c);
    else if (has("s") && SPACES[c] !== undefined) out += SPACES[c];
    else if (has("c") && SPECIALS[c] !== undefined) out += SPECIALS[c];
    else if (has("n") && c === 0) out += "\\0";
    else if (has("o")) out += `\\${c.toString(8).padStart(3, "0")}`;
    else if (flags.includes("h")) out += `\\x${c.toString(16).padStart(2, "0")}`;
    else out += String.fromCharCode(c);
  }
  return at + length > end ? out + OVERFLOW : out;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** rtc_str(): %pt followed by what it is, then d or t for date or time alone, r for raw numbers, s for a space. */
function timeText(year: number, month: number, day: number, clock: readonly number[], flags: string): string {
  const raw = flags.includes("r");
  const date = raw
    ? `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`
    : `${String(year + 1900).padStart(4, "0")}-${two(month + 1)}-${two(day)}`;
  const time = clock.map(two).join(":");
  if (flags.startsWith("d")) return date;
  if (flags.startsWith("t")) return time;
  return `${date}${flags.includes("s") ? " " : "T"}${time}`;
}

/** %ptR: struct rtc_time, ints from the second up to the year. */
export function rtcTime(d: DataView, at: number, start: number, end: number, le: boolean, ext: string): string {
  if (at < start || at + 24 > end) return OVERFLOW;
  const [sec, min, hour, day, month, year] = [0, 4, 8, 12, 16, 20].map((from) => d.getInt32(at + from, le));
  return timeText(year!, month!, day!, [hour!, min!, sec!], ext.slice(2));
}

/** %ptT: seconds since 1970, as time64_to_tm() counts. */
export function time64(d: DataView, at: number, start: number, end: number, le: boolean, ext: string): string {
  if (at < start || at + 8 > end) return OVERFLOW;
  const seconds = d.getBigInt64(at, le);
  const days = seconds >= 0n ? seconds / 86400n : -((-seconds + 86399n) / 86400n);
  const rest = Number(seconds - days * 86400n);
  const when = new Date(Number(days) * 86_400_000);
  if (Number.isNaN(when.getTime())) return `<time ${seconds}>`;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return timeText(when.getUTCFullYear() - 1900, when.getUTCMonth(), when.getUTCDate(), clock, ext.slice(2));
}
