import { INT, intType } from "../system/formats/ctype.js";
import { FormatError, MAX_WIDTH } from "../system/formats/errors.js";
import type { Expr, PrintFormat } from "./ast.js";
import { emitMarker } from "./emit-marker.js";
import type { Emitter } from "./emitter.js";
import { fn } from "./library.js";
import { type NumberSpec, padNumber } from "./number.js";
import { type Conversion, numberSpec, splitFormat } from "./printf.js";
import { emitString, isString } from "./probes.js";
import { eightBytes, READY_ROOM, Stamp } from "./text-sink.js";
import { constOf, isSigned, type Val, widthOf } from "./value.js";

/** A conversion, with width and precision as JavaScript where they come from arguments. */
type Emitted = Omit<Conversion, "width" | "precision"> & {
  readonly width: string | number;
  readonly precision: string | number;
};

/** A statement that writes a conversion. */
interface Written {
  readonly code: string;
  /** It writes to the view `v` from `p` on, and leaves `p` behind; otherwise it writes to the sink. */
  readonly inPlace?: boolean;
}

/** What one statement in place writes at most, with what comes to lie behind its end. */
const PIECE = 32;

/** Behind what has been written to the sink. */
const READY = "p=W.ready();v=W.view;";

/** A printf as statements: they write to the view `v` of the sink W from `p` on, and leave `p` behind what they wrote. */
class Statements {
  private readonly all: string[] = [];
  private literal = "";
  /** What may have been written since there was room. */
  private written = 0;

  constructor(private readonly g: Emitter) {}

  text(text: string): void {
    this.literal += text;
  }

  /** Takes back what the text ends with. */
  takeBack(end: string): boolean {
    if (!this.literal.endsWith(end)) return false;
    this.literal = this.literal.slice(0, -end.length);
    return true;
  }

  /** @param risky a record can make it fail: then a word stands in its place */
  add({ code, inPlace }: Written, risky: boolean): void {
    this.flush();
    const statement = inPlace ? code : `W.at=p;${code}${READY}`;
    this.reserve(inPlace ? PIECE : undefined);
    if (!risky) this.all.push(statement);
    else {
      const from = this.g.temp();
      this.all.push(`${from}=p;try{${statement}}catch(x){${fn.failed}(W,R,${from},x);${READY}}`);
    }
  }

  /** Writes the text so far: eight characters at a time, where their bytes are a number. */
  private flush(): void {
    const { literal } = this;
    const { length } = literal;
    this.literal = "";
    if (length === 0) return;
    const eights: string[] = [];
    for (let i = 0; i < length && length <= PIECE; i += 8) {
      const value = eightBytes(literal, i);
      if (value !== undefined) eights.push(`v.setFloat64(p+${i},${value},true);`);
    }
    const whole = eights.length * 8 >= length;
    this.reserve(whole ? PIECE : undefined);
    this.all.push(
      whole ? `${eights.join("")}p+=${length};` : `W.at=p;W.stamp(${this.g.keep(new Stamp(literal))});${READY}`,
    );
  }

  /** Sees that there is room; undefined where the sink does. */
  private reserve(bytes: number | undefined): void {
    if (bytes === undefined) this.written = 0;
    else if (this.written + bytes > READY_ROOM) {
      this.all.push(`W.at=p;${READY}`);
      this.written = bytes;
    } else this.written += bytes;
  }

  toString(): string {
    this.flush();
    return this.all.join("");
  }
}

/**
 * Compiles a printf and its arguments to JavaScript statements that write the text.
 * @param probe the event is a probe's
 */
export function emitPrintf(g: Emitter, print: PrintFormat, probe = false): string {
  const statements = new Statements(g);
  let next = 0;
  let quoted = false;
  const take = (): Expr => {
    const e = print.args[next++];
    if (e === undefined) throw new FormatError(`too few arguments for ${JSON.stringify(print.format.slice(0, 60))}`);
    return e;
  };
  for (const piece of splitFormat(print.format, g.longSize)) {
    if (piece.kind === "text" || piece.kind === "invalid") {
      statements.text(quoted ? piece.text.replace(/^"/, "") : piece.text);
      quoted = false;
      continue;
    }
    quoted = probe && piece.kind === "string" && isString(print.args[next]) && statements.takeBack('"');
    const before = next;
    try {
      g.risky = false;
      const arg = print.args[next];
      const written =
        quoted && isString(arg) ? text(emitString(g, take() as typeof arg)) : emitConversion(g, piece, take, print);
      statements.add(written, g.risky);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // Only this conversion cannot be told: its arguments are used up all the same.
      next = before + 1 + Number(piece.width === "*") + Number(piece.precision === "*");
      const arg = print.args[next - 1] ?? MISSING;
      statements.add(text(emitMarker(g, arg, error.message).code), false);
    }
  }
  return statements.toString();
}

/** The text of a printf as an expression: it is written behind what is there, and taken back. */
export function emitPrinted(g: Emitter, print: PrintFormat): string {
  const code = emitPrintf(g, print);
  return `(()=>{const t=W.at=p;${READY}${code}W.at=p;p=t;return ${fn.takeBack}(W,t)})()`;
}

/** What stands for an argument that a print format does not have. */
const MISSING: Expr = { op: "bad", reason: "too few arguments", text: "no argument", fields: [] };

function text(code: string): Written {
  return { code: `W.text(${code});` };
}

/** A statement that writes one conversion. */
function emitConversion(g: Emitter, piece: Conversion, take: () => Expr, print: PrintFormat): Written {
  const c: Emitted = {
    ...piece,
    width: piece.width === "*" ? g.low(g.convert(g.expr(take()), INT)) : piece.width,
    precision: piece.precision === "*" ? g.low(g.convert(g.expr(take()), INT)) : piece.precision,
  };
  const arg = take();
  const probed = probeAddress(g, piece, arg, print);
  if (probed !== undefined) return text(probed);
  const { globals } = g;
  const value = g.expr(arg);
  if (value.r === "marker") return text(value.code);
  const known = g.globals === globals;
  const written = known ? writeDirectly(g, c, value) : undefined;
  if (written !== undefined) return written;
  const code = conversion(g, c, value);
  return text(known || piece.kind === "pointer" ? `""+${code}` : `${fn.orUnknown}(R,${code})`);
}

/** The commonest conversions, written without a string between; undefined for all others. */
function writeDirectly(g: Emitter, c: Emitted, value: Val): Written | undefined {
  if (c.width !== -1 || c.precision !== -1) return undefined;
  switch (c.kind) {
    case "number": {
      if (c.upper || value.r === "s" || value.r === "r" || c.base === 8) return undefined;
      if (c.signed && (c.plus || c.space)) return undefined;
      const v = g.convert(value, intType(c.size, c.signed && c.base === 10));
      if (constOf(v) !== undefined) return undefined;
      const digits = writeDigits(g, v, c.base);
      if (digits === undefined) return undefined;
      const prefix = c.special && c.base === 16 ? "v.setUint8(p++,48);v.setUint8(p++,120);" : "";
      return { code: `${prefix}p=${digits};`, inPlace: true };
    }
    case "string":
      if (value.r === "r") return { code: `${fn.writeCstr}(W,R,${value.code});` };
      return undefined;
    case "pointer": {
      if (value.r === "s" || value.r === "r") return undefined;
      const p = g.pair(g.convert(value, g.ulong));
      if (p === undefined) return undefined;
      const halves = `${p.hi}|0,${p.lo}|0`;
      if (c.ext === "S" || c.ext === "s") return { code: `R.writeSymbol(W,${halves},"${c.ext}");` };
      return c.ext === "" ? { code: `${fn.writePointer}(W,R,${halves});` } : undefined;
    }
    default:
      return undefined;
  }
}

/** An expression that writes digits, and is where they end. */
function writeDigits(g: Emitter, v: Val, base: 8 | 10 | 16): string | undefined {
  const wide = widthOf(v.t, g.longSize) === 8;
  const signed = isSigned(v.t);
  if (v.r === "p") {
    const put = base === 16 ? fn.putHex64 : signed ? fn.putDec64s : fn.putDec64u;
    return `${put}(${v.hi}|0,${v.lo}|0,p,v)`;
  }
  if (v.r !== "n") return undefined;
  if (base === 10) return !wide || v.nonNegative || signed ? `${fn.putDec}(${v.code},p,v)` : undefined;
  return !wide || v.nonNegative ? `${fn.putHex}((${v.code})|0,p,v)` : undefined;
}

/**
 * The place of a kprobe, fprobe or kretprobe event. Its print format says (%lx), but the kernel prints symbols:
 * print_kprobe_event() and print_kretprobe_event() in kernel/trace/trace_kprobe.c, where the return address comes first.
 */
function probeAddress(g: Emitter, c: Conversion, arg: Expr, print: PrintFormat): string | undefined {
  if (arg.op !== "field" || !PROBE_FIELDS.has(arg.name) || c.kind !== "number" || c.base !== 16) return undefined;
  if (!print.format.startsWith("(%lx")) return undefined;
  const ret = arg.name !== "__probe_ip";
  const shown = !ret ? arg.name : arg.name === "__probe_func" ? "__probe_ret_ip" : "__probe_func";
  const fields = addressHalves(g, g.convert(g.readField(shown, arg.at), g.ulong));
  return `${fn.probePlace}(R,${fields},${shown === "__probe_func" ? '"s"' : '"S"'})`;
}

const PROBE_FIELDS = new Set(["__probe_ip", "__probe_func", "__probe_ret_ip"]);

function conversion(g: Emitter, c: Emitted, v: Val): string {
  switch (c.kind) {
    case "number":
      return number(g, c, v);
    case "char": {
      const code = `${fn.char}(${g.low(g.convert(v, intType(1, false)))})`;
      return padded(c, code);
    }
    case "string": {
      const most = characters(g, c.precision);
      if (most === undefined) return padded(c, g.string(v));
      if (v.r === "r") return padded(c, `${fn.cstrN}(R,${v.code},${most})`);
      return padded(c, `${fn.cut}(${g.string(v)},${most})`);
    }
    case "pointer":
      return pointer(g, c, v);
  }
}

/** A text in its field; a negative width is one from the left (format_decode()). */
function padded({ left, width }: Emitted, code: string): string {
  if (width === -1) return code;
  if (typeof width === "number") return `${fn.padString}(${code},${width},${left})`;
  return `${fn.padString}(${code},Math.abs(${width}),${left ? "true" : `${width}<0`})`;
}

/** How much of a string is printed at most; undefined for all of it. */
function characters(g: Emitter, precision: string | number): string | undefined {
  if (precision === -1) return undefined;
  if (typeof precision === "number") return String(precision);
  return g.behaviour.clampsPrecision ? `Math.max(0,${precision})` : `${fn.oldPrecision}(${precision})`;
}

/** The digits of a number, with a minus sign when negative. */
function digits(g: Emitter, v: Val, base: 8 | 10 | 16): string {
  const wide = widthOf(v.t, g.longSize) === 8;
  const signed = isSigned(v.t);
  const k = constOf(v);
  if (k !== undefined) {
    const shown = base === 10 ? k : BigInt.asUintN(widthOf(v.t, g.longSize) * 8, k);
    return JSON.stringify(shown.toString(base));
  }
  if (v.r === "n" && (!wide || v.nonNegative || (signed && base === 10)))
    return base === 10 ? `${v.code}` : `(${v.code}${signed && !v.nonNegative ? ">>>0" : ""}).toString(${base})`;
  if (v.r === "n")
    return `${base === 10 ? (signed ? fn.wideDec : fn.wideDecU) : base === 16 ? fn.wideHex : fn.wideOct}(${v.code})`;
  if (v.r === "p") {
    if (base === 10) return `${signed ? fn.dec64s : fn.dec64u}(${v.hi},${v.lo})`;
    return `${base === 16 ? fn.hex64 : fn.oct64}(${v.hi},${v.lo})`;
  }
  if (v.r === "r") return `(${v.code}).toString(${base})`;
  const b = g.big(v);
  return base === 10 ? `${b}.toString()` : `BigInt.asUintN(64,${b}).toString(${base})`;
}

function number(g: Emitter, c: Emitted, value: Val): string {
  const { width, precision } = c;
  // %ld on a 64-bit machine and %lld take 8 bytes; everything shorter is cut to an int, then to its own size.
  const t = intType(c.size, c.signed && c.base === 10);
  if (value.r === "s") throw new FormatError("a string printed as a number");
  const v = value.r === "r" ? value : g.convert(value, t);
  const plain = width === -1 && precision === -1 && !c.special && !c.upper && !(c.signed && (c.plus || c.space));
  const code = digits(g, v, c.base);
  if (plain) return v.r === "n" && c.base === 10 && constOf(v) === undefined ? `(${code})` : code;
  if (typeof width === "number" && typeof precision === "number") {
    const spec: NumberSpec = {
      ...numberSpec(c, width, precision),
      plus: c.plus && c.signed,
      space: c.space && c.signed,
    };
    const k = constOf(v);
    if (k !== undefined) return g.text(padNumber(JSON.parse(code) as string, spec));
    // The commonest: zero-filled hex, without flags.
    if (c.base === 16 && spec.zero && !spec.left && !spec.special && !spec.upper && precision === -1)
      return `${code}.padStart(${Math.min(width, MAX_WIDTH)},"0")`;
    return `${fn.padNumber}(""+${code},${g.keep(spec)})`;
  }
  const spec = { ...numberSpec(c, 0, 0), plus: c.plus && c.signed, space: c.space && c.signed };
  return `${fn.padNumber}(""+${code},${fn.spec}(${g.keep(spec)},${width},${precision}))`;
}

function pointer(g: Emitter, c: Emitted, v: Val): string {
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
function addressHalves(g: Emitter, v: Val): string {
  const p = g.pair(v);
  if (p !== undefined) return `${p.hi},${p.lo}`;
  const t = g.temp();
  return `Number((${t}=BigInt.asUintN(64,${g.big(v)}))>>32n),Number(${t}&4294967295n)`;
}
