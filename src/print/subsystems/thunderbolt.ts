import { arg, type Calls, inRecord, text, uint } from "../call.js";
import { OVERFLOW } from "../runtime.js";

const hex = (v: number): string => (v === 0 ? "0" : `0x${v.toString(16)}`);

/** What the packet says of itself behind its route; words are of the machine's byte order (tb_msgs.h). */
function details(type: number, word: number): string {
  switch (type) {
    case 1:
    case 2:
      return `offset=${hex(word & 0x1fff)}, len=${(word >>> 13) & 0x3f}, port=${(word >>> 19) & 0x3f}, config=${hex((word >>> 25) & 3)}, seq=${(word >>> 27) & 3}, `;
    case 3:
      return `error=${hex(word & 0xff)}, port=${(word >>> 8) & 0x3f}, plug=${hex(word >>> 30)}, `;
    case 5:
      return `port=${word & 0x3f}, unplug=${hex(word >>> 31)}, `;
  }
  return "";
}

/** drivers/thunderbolt/trace.h show_data() (7.3.4; little-endian bit fields). */
function showData(d: DataView, at: number, start: number, end: number, type: number, length: number): string {
  const word = (i: number): number | undefined => {
    const p = at + 4 * i;
    return p >= start && p + 4 <= end ? d.getUint32(p, true) : undefined;
  };
  let out = "route=0, ";
  if (type < 10 || type > 12) {
    const [high, low] = [word(0), word(1)];
    if (high === undefined || low === undefined) return OVERFLOW;
    out = `route=${((BigInt(high & 0x3fffff) << 32n) | BigInt(low)).toString(16)}, `;
    const third = [1, 2, 3, 5].includes(type) ? word(2) : 0;
    if (third === undefined) return out + OVERFLOW;
    out += details(type, third);
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
    const [type, length] = [1, 3].map((i) => uint(g, arg(args, i, at)));
    return text(`${g.keep(showData)}(d,${inRecord(g, arg(args, 2, at))},o,e,(${type})&255,${length})`);
  },
};
