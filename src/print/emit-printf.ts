import { INT, intType } from "../system/formats/ctype.js";
import { FormatError, MAX_WIDTH } from "../system/formats/errors.js";
import type { Expr, PrintFormat } from "./ast.js";
import { emitMarker } from "./emit-marker.js";
import { addressHalves, emitPointer } from "./emit-pointer.js";
import type { Emitter } from "./emitter.js";
import { type Emitted, padded } from "./field-width.js";
import { fn } from "./library.js";
import { type NumberSpec, padNumber } from "./number.js";
import { type Conversion, numberSpec, type Piece, splitFormat } from "./printf.js";
import { READY, Statements, type Written } from "./printf-statements.js";
import { emitString, isInProgram, isString } from "./probes.js";
import { constOf, isSigned, type Val, widthOf } from "./value.js";

/**
 * Compiles a printf and its arguments to JavaScript statements that write the text.
 * @param pieces of its format
 * @param probe the event is a probe's
 */
export function emitPrintf(g: Emitter, print: PrintFormat, pieces: readonly Piece[], probe = false): string {
  const statements = new Statements(g);
  let next = 0;
  let quoted = false;
  const take = (): Expr => {
    const e = print.args[next++];
    if (e === undefined) throw new FormatError(`too few arguments for ${JSON.stringify(print.format.slice(0, 60))}`);
    return e;
  };
  for (const piece of pieces) {
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
  const code = emitPrintf(g, print, splitFormat(print.format, g.longSize));
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
  const inProgram = isInProgram(g.format);
  const place = inProgram === undefined ? fn.probePlace : inProgram ? fn.programPlace : fn.kernelPlace;
  return `${place}(R,${fields},${shown === "__probe_func" ? '"s"' : '"S"'})`;
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
      return emitPointer(g, c, v);
  }
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
