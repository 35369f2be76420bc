import { intType } from "../../system/formats/ctype.js";
import { arg, type Calls, inRecord, text, uint } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { OVERFLOW } from "../runtime.js";

/** Words are read one by one, also far beyond the record: this many run out of it, or take seconds. */
const MAX_WORDS = 10_000_000;

const hex = (v: number): string => `0x${v.toString(16)}`;

/** What the packet says of itself behind its route (tb_msgs.h); `field` takes bits in the order of declaration. */
function details(type: number, field: (from: number, width: number) => number): string {
  switch (type) {
    case 1:
    case 2:
      return `offset=${hex(field(0, 13))}, len=${field(13, 6)}, port=${field(19, 6)}, config=${hex(field(25, 2))}, seq=${field(27, 2)}, `;
    case 3:
      return `error=${hex(field(0, 8))}, port=${field(8, 6)}, plug=${hex(field(30, 2))}, `;
    case 5:
      return `port=${field(0, 6)}, unplug=${hex(field(31, 1))}, `;
  }
  return "";
}

/** drivers/thunderbolt/trace.h show_data() (6.12.117 and 7.3.4). Words are of the machine's byte order. */
function showData(r: PrintedRecord, type: number, at: number, length: number): string {
  if (length > MAX_WORDS) r.fatal = "it shows more words than any memory behind it has";
  const word = (i: number) => (r.has(at + 4 * i, 4) ? r.u32(at + 4 * i) : undefined);
  // Bit fields fill a word from the bottom, on big-endian machines from the top.
  const bits = (v: number) => (from: number, width: number) =>
    (v >>> (r.littleEndian ? from : 32 - from - width)) & (2 ** width - 1);
  let out = "route=0, ";
  if (type < 10 || type > 12) {
    const [high, low] = [word(0), word(1)];
    if (high === undefined || low === undefined) return OVERFLOW;
    out = `route=${((BigInt(bits(high)(0, 22)) << 32n) | BigInt(low)).toString(16)}, `;
    const third = [1, 2, 3, 5].includes(type) ? word(2) : 0;
    if (third === undefined) return out + OVERFLOW;
    out += details(type, bits(third));
  }
  const words: string[] = [];
  for (let i = 0; i < length; i++) {
    const value = word(i);
    words.push(value === undefined ? OVERFLOW : `0x${value.toString(16).padStart(8, "0")}`);
    if (value === undefined) break;
  }
  return `${out}data=[${words.join(", ")}]`;
}

export const THUNDERBOLT_CALLS: Calls = {
  show_data: (g, args, at) => {
    const type = g.low(g.convert(g.expr(arg(args, 1, at)), intType(1, false)));
    const [place, length] = [inRecord(g, arg(args, 2, at)), uint(g, arg(args, 3, at))];
    g.canKill = true;
    return text(`${g.keep(showData)}(R,${type},${place},${length})`);
  },
};
