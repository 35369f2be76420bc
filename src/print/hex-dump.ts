import type { PrintedRecord } from "./record.js";
import { hexText, OVERFLOW } from "./runtime.js";

/** What a hex dump's rows look like. */
export interface DumpStyle {
  readonly prefix: string;
  /** DUMP_PREFIX_NONE, _ADDRESS or _OFFSET. */
  readonly prefixType: number;
  readonly rowSize: number;
  readonly groupSize: number;
  readonly ascii: boolean;
}

/**
 * __print_hex_dump(): trace_print_hex_dump_seq() of kernel/trace/trace_output.c, seq_buf_hex_dump() and
 * hex_dump_to_buffer() of lib. A newline, then a line a row; groups of more than a byte are numbers of the writer.
 */
export function hexDump(r: PrintedRecord, at: number, length: number, style: DumpStyle): string {
  const { u, start, end } = r;
  const row = style.rowSize === 32 ? 32 : 16;
  if (at < start || at > end) return OVERFLOW;
  const stop = Math.min(end, at + Math.max(0, length));
  let out = "\n";
  for (let p = at; p < stop; p += row) {
    const until = Math.min(stop, p + row);
    const each = groupOf(style.groupSize, until - p);
    let text = each === 1 ? hexText(u, p, until, " ") : groups(r, p, until, each);
    if (style.ascii) {
      text = text.padEnd(row * 2 + row / each + 1);
      for (let i = p; i < until; i++) text += u[i]! >= 0x20 && u[i]! < 0x7f ? String.fromCharCode(u[i]!) : ".";
    }
    let place = "";
    if (style.prefixType === 1) place = `${r.env.pointer(0, 0, false)}: `;
    else if (style.prefixType === 2) place = `${(p - at).toString(16).padStart(8, "0")}: `;
    out += `${style.prefix}${place}${text}\n`;
  }
  return at + length > end ? out + OVERFLOW : out;
}

/** The size of a row's groups: 1 where it is none of the sizes there are, or does not divide the row. */
function groupOf(size: number, length: number): 1 | 2 | 4 | 8 {
  return (size === 2 || size === 4 || size === 8) && length % size === 0 ? size : 1;
}

function groups({ d, littleEndian }: PrintedRecord, from: number, until: number, each: 2 | 4 | 8): string {
  const out: string[] = [];
  for (let p = from; p < until; p += each) {
    const value =
      each === 8
        ? d.getBigUint64(p, littleEndian)
        : each === 4
          ? d.getUint32(p, littleEndian)
          : d.getUint16(p, littleEndian);
    out.push(value.toString(16).padStart(each * 2, "0"));
  }
  return out.join(" ");
}
