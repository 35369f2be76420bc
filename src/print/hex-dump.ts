import { hexBytes, OVERFLOW } from "./runtime.js";

/** lib/hexdump.c hex_dump_to_buffer() lines, as trace_print_hex_dump_seq() prints them (groups of 1 byte, or as one number each). */
export function hexDump(
  u: Uint8Array,
  at: number,
  length: number,
  start: number,
  end: number,
  prefix: string,
  prefixType: number,
  rowSize: number,
  _groupSize: number,
  ascii: boolean,
): string {
  const row = rowSize === 32 ? 32 : 16;
  if (at < start || at > end) return OVERFLOW;
  const stop = Math.min(end, at + Math.max(0, length));
  let out = "\n";
  for (let p = at; p < stop; p += row) {
    const until = Math.min(stop, p + row);
    const hexes = hexBytes(u, p, until - p, start, end, " ");
    const place = prefixType === 2 ? `${(p - at).toString(16).padStart(8, "0")}: ` : "";
    let text = "";
    if (ascii) {
      text = " ".repeat(row * 3 - 1 - hexes.length + 2);
      for (let i = p; i < until; i++) text += u[i]! >= 0x20 && u[i]! < 0x7f ? String.fromCharCode(u[i]!) : ".";
    }
    out += `${prefix}${place}${hexes}${text}\n`;
  }
  return at + length > end ? out + OVERFLOW : out;
}
