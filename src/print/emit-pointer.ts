import { FormatError } from "../system/formats/errors.js";
import type { Emitter } from "./emitter.js";
import { type Emitted, padded } from "./field-width.js";
import { fn } from "./library.js";
import type { Val } from "./value.js";

/** %p and its extensions (pointer() in lib/vsprintf.c) as a JavaScript expression. */
export function emitPointer(g: Emitter, c: Emitted, v: Val): string {
  const { ext, width, precision } = c;
  const pad = (code: string): string => padded(c, code);
  const cut = (code: string): string => (precision === -1 ? code : `(${code}).slice(0,Math.max(0,${precision}))`);
  const first = ext[0] ?? "";
  if (v.r === "r") {
    const name = JSON.stringify(ext);
    switch (first) {
      case "M":
      case "m":
        return pad(cut(`${fn.mac}(R,${v.code},${name})`));
      case "I":
      case "i":
        return pad(cut(`${fn.ip}(R,${v.code},${name})`));
      case "U":
        return pad(cut(`${fn.uuid}(R,${v.code},${name})`));
      case "h":
        return `${fn.hexString}(R,${v.code},${name},${width})`;
      case "b":
        return `${fn.bitmap}(R,${v.code},Math.max(0,${width}),${ext[1] === "l"})`;
      case "a": {
        // lib/vsprintf.c address_val(): a phys_addr_t or dma_addr_t, which a 32-bit kernel may have with 32 bits.
        const size = v.t.kind === "ptr" && v.t.to.kind === "int" && v.t.to.size === 4 ? 4 : 8;
        return `${fn.addressAt}(R,${v.code},${size})`;
      }
      case "4":
        if (ext.startsWith("4cc")) return pad(`${fn.fourcc}(R,${v.code})`);
        break;
      case "E":
        return `${fn.escaped}(R,${v.code},${name},${width})`;
      case "t":
        if (ext[1] === "T") return pad(`${fn.time64}(R,${v.code},${name})`);
        if (ext[1] === "R") return pad(`${fn.rtcTime}(R,${v.code},${name})`);
        break;
      case "":
      case "S":
      case "s":
      case "B":
      case "x":
        break;
    }
    // What else reads memory there, or shows the address of the kernel's copy: neither is known.
    if (READS.has(first)) throw new FormatError(`%p${ext} of data in the record`);
    return pad("E.pointer(0,0,false)");
  }
  if (v.r === "s") {
    if ((first === "u" || first === "k") && ext[1] === "s") return pad(cut(v.code));
    throw new FormatError(`%p${ext} of a string`);
  }
  const value = g.convert(v, g.ulong);
  const fields = addressHalves(g, value);
  switch (first) {
    case "S":
    case "s":
    case "B":
    case "F":
    case "f": {
      // %pF and %pf are the old names of %pS and %ps (until 5.x); "OF" and "fw" forms read memory that is not here.
      const style = first === "F" ? "S" : first === "f" ? "s" : first;
      return pad(cut(`E.symbol(${fields},${JSON.stringify(style)})`));
    }
    case "x":
      return width === -1 ? `${fn.hexAddress}(${fields},${g.longSize})` : pad(`${fn.hex64}(${fields})`);
    case "e":
      return pad(`${fn.errorPointer}(R,${fields})`);
    case "M":
    case "m":
    case "I":
    case "i":
    case "U":
    case "h":
    case "b":
    case "a":
    case "t":
    case "d":
    case "D":
    case "V":
    case "E":
    case "g":
    case "O":
    case "N":
    case "R":
    case "r":
    case "C":
    case "G":
      return pad(`${fn.unreadable}(${fields},${g.longSize})`);
    case "u":
    case "k":
      if (ext[1] === "s") return pad(cut(g.string(value)));
      return '"(einval)"';
    default:
      return pad(`${fn.pointer}(R,${fields})`);
  }
}

/** First letters of the %p extensions that read what they are given the address of (pointer() in lib/vsprintf.c). */
const READS = new Set("RrhbMmIiUVNadDtCgGOEufk4".split(""));

/** "hi,lo" of an address. */
export function addressHalves(g: Emitter, v: Val): string {
  const p = g.pair(v);
  if (p !== undefined) return `${p.hi},${p.lo}`;
  const t = g.temp();
  return `Number((${t}=BigInt.asUintN(64,${g.big(v)}))>>32n),Number(${t}&4294967295n)`;
}
