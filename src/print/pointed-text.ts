import type { PrintedRecord } from "./record.js";
import { OVERFLOW } from "./runtime.js";

/** More %p extensions on memory inside the record (lib/vsprintf.c, 6.12 to 7.3): characters, escaped text, times. */

/** %p4cc: fourcc_string(). The top bit says that the format is big-endian. */
export function fourcc(r: PrintedRecord, at: number): string {
  if (!r.has(at, 4)) return OVERFLOW;
  const value = r.u32(at);
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
export function escaped(r: PrintedRecord, at: number, ext: string, width: number): string {
  const { u, end } = r;
  const length = width < 0 ? 1 : width;
  if (length === 0) return "";
  if (at < r.start || at >= end) return OVERFLOW;
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

/** As struct rtc_time counts: years from 1900, months from 0. */
type RtcDay = readonly [year: number, month: number, day: number];

/** rtc_str(): %pt followed by what it is, then d or t for date or time alone, r for raw numbers, s for a space. */
function timeText([year, month, day]: RtcDay, clock: readonly number[], flags: string): string {
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
export function rtcTime(r: PrintedRecord, at: number, ext: string): string {
  if (!r.has(at, 24)) return OVERFLOW;
  const [sec, min, hour, day, month, year] = [0, 4, 8, 12, 16, 20].map((from) =>
    r.d.getInt32(at + from, r.littleEndian),
  );
  return timeText([year!, month!, day!], [hour!, min!, sec!], ext.slice(2));
}

/** %ptT: seconds since 1970, as time64_to_tm() counts. */
export function time64(r: PrintedRecord, at: number, ext: string): string {
  if (!r.has(at, 8)) return OVERFLOW;
  const seconds = r.d.getBigInt64(at, r.littleEndian);
  const days = seconds >= 0n ? seconds / 86400n : -((-seconds + 86399n) / 86400n);
  const rest = Number(seconds - days * 86400n);
  const when = new Date(Number(days) * 86_400_000);
  if (Number.isNaN(when.getTime())) return `<time ${seconds}>`;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return timeText([when.getUTCFullYear() - 1900, when.getUTCMonth(), when.getUTCDate()], clock, ext.slice(2));
}
