import { FormatError } from "../system/formats/errors.js";
import type { Emitter } from "./emitter.js";
import { type Emitted, padded } from "./field-width.js";
import { fn } from "./library.js";
import type { Val } from "./value.js";

/** %p and its extensions (pointer() in lib/vsprintf.c) as a JavaScript expression. */
export function emitPointer(g: Emitter, c: Emitted, v: Val): string {
  if (v.r === "r") return ofData(c, v);
  if (v.r === "s") return ofString(c, v);
  return ofAddress(g, c, g.convert(v, g.ulong));
}

/** Of data that lies in the record. */
function ofData(c: Emitted, v: Val & { readonly r: "r" }): string {
  const { ext, width } = c;
  // A width given as an argument is taken without its sign (format_decode()).
  const count = typeof width === "number" ? width : `Math.abs(${width})`;
  const name = JSON.stringify(ext);
  switch (ext[0]) {
    case "M":
    case "m":
      return padded(c, cut(c, `${fn.mac}(R,${v.code},${name})`));
    case "I":
    case "i":
      return padded(c, cut(c, `${fn.ip}(R,${v.code},${name})`));
    case "U":
      return padded(c, cut(c, `${fn.uuid}(R,${v.code},${name})`));
    case "h":
      return `${fn.hexString}(R,${v.code},${name},${count})`;
    case "b":
      return `${fn.bitmap}(R,${v.code},Math.max(0,${count}),${ext[1] === "l"})`;
    case "a": {
      // lib/vsprintf.c address_val(): a phys_addr_t or dma_addr_t, which a 32-bit kernel may have with 32 bits.
      const size = v.t.kind === "ptr" && v.t.to.kind === "int" && v.t.to.size === 4 ? 4 : 8;
      return `${fn.addressAt}(R,${v.code},${size})`;
    }
    case "4":
      if (ext.startsWith("4cc")) return padded(c, `${fn.fourcc}(R,${v.code})`);
      break;
    case "E":
      return `${fn.escaped}(R,${v.code},${name},${count})`;
    case "t":
      if (ext[1] === "T") return padded(c, `${fn.time64}(R,${v.code},${name})`);
      if (ext[1] === "R") return padded(c, `${fn.rtcTime}(R,${v.code},${name})`);
      break;
  }
  // What else reads memory there, or shows the address of the kernel's copy: neither is known.
  if (readsMemory(ext)) throw new FormatError(`%p${ext} of data in the record`);
  return padded(c, "E.pointer(0,0,false)");
}

function ofString(c: Emitted, v: Val & { readonly r: "s" }): string {
  if (isText(c.ext)) return padded(c, cut(c, v.code));
  throw new FormatError(`%p${c.ext} of a string`);
}

/** Of an address: what lies there is not in the record. */
function ofAddress(g: Emitter, c: Emitted, value: Val): string {
  const { ext, width } = c;
  const fields = addressHalves(g, value);
  const style = SYMBOLS.get(ext[0] ?? "");
  if (style !== undefined) return padded(c, cut(c, `E.symbol(${fields},${JSON.stringify(style)})`));
  switch (ext[0]) {
    case "x":
      return width === -1 ? `${fn.hexAddress}(${fields},${g.longSize})` : padded(c, `${fn.hex64}(${fields})`);
    case "e":
      return padded(c, `${fn.errorPointer}(R,${fields})`);
    case "u":
    case "k":
      return isText(ext) ? padded(c, cut(c, g.string(value))) : '"(einval)"';
  }
  return padded(c, readsMemory(ext) ? `${fn.unreadable}(${fields},${g.longSize})` : `${fn.pointer}(R,${fields})`);
}

/** %pF and %pf are the old names of %pS and %ps (until 5.x); their "OF" and "fw" forms read memory that is not here. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["S", "S"],
  ["s", "s"],
  ["B", "B"],
  ["F", "S"],
  ["f", "s"],
]);

/** %pus and %pks: a string of a program's or of the kernel's. */
function isText(ext: string): boolean {
  return (ext[0] === "u" || ext[0] === "k") && ext[1] === "s";
}

/** The precision. */
function cut({ precision }: Emitted, code: string): string {
  return precision === -1 ? code : `(${code}).slice(0,Math.max(0,${precision}))`;
}

/** First letters of the %p extensions that read what they are given the address of (pointer() in lib/vsprintf.c). */
const READS = new Set("RrhbMmIiUVNadDtCgGOEufk4".split(""));

function readsMemory(ext: string): boolean {
  return READS.has(ext[0] ?? "");
}

/** "hi,lo" of an address. */
export function addressHalves(g: Emitter, v: Val): string {
  const p = g.pair(v);
  if (p !== undefined) return `${p.hi},${p.lo}`;
  const t = g.temp();
  return `Number((${t}=BigInt.asUintN(64,${g.big(v)}))>>32n),Number(${t}&4294967295n)`;
}
