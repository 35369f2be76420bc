import { CHAR_PTR } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { Expr } from "./ast.js";
import type { Emitter } from "./emitter.js";
import { fn } from "./library.js";
import { constOf, type Val } from "./value.js";

/** Characters of an expression that name it. */
const MAX_LABEL = 60;
/** Bytes of the record that stand for what a pointer leads to. */
const MAX_BYTES = 32;

/**
 * What stands in the text for an expression that cannot be told: its name and the raw values that it is made of,
 * `<xhci_decode_trb(0x1,0x2)>`.
 */
export function emitMarker(g: Emitter, e: Expr, reason: string): Val & { r: "marker" } {
  const label = shorten(labelOf(e));
  const values = e.op === "call" ? e.args : e.op === "bad" ? fieldsNamed(g, e.fields) : fieldsOf(e);
  g.noteMarker(e.op === "call" ? `${label}()` : label, reason);
  const shown = values.map((value) => raw(g, value)).filter((code) => code !== undefined);
  return { r: "marker", code: `${fn.marker}(R,${g.keep(label)},[${shown.join(",")}])`, t: CHAR_PTR, reason };
}

/** Code of a value's raw text; undefined for what has none (tables of names, delimiters). */
function raw(g: Emitter, e: Expr): string | undefined {
  if (e.op === "list" || (e.op === "ident" && e.name === "p")) return undefined;
  try {
    const v = g.expr(e);
    const k = constOf(v);
    if (k !== undefined) return g.keep(`0x${BigInt.asUintN(64, k).toString(16)}`);
    switch (v.r) {
      case "s":
      case "marker":
        return v.code;
      case "r":
        return `${fn.rawBytes}(R,${v.code},${v.length ?? MAX_BYTES})`;
      case "n":
      case "p":
      case "b":
        return `${fn.rawHex}(${g.big(v)})`;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return g.keep("?");
  }
  return undefined;
}

function shorten(text: string): string {
  return text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 3)}...`;
}

function labelOf(e: Expr): string {
  switch (e.op) {
    case "num":
      return String(e.value);
    case "str":
      return JSON.stringify(e.text);
    case "field":
      return `REC->${e.name}`;
    case "rec":
      return "REC";
    case "ident":
    case "call":
      return e.name;
    case "unary":
      return e.what + labelOf(e.e);
    case "binary":
      return `${labelOf(e.a)} ${e.what} ${labelOf(e.b)}`;
    case "cond":
      return `${labelOf(e.c)} ? ${labelOf(e.a)} : ${labelOf(e.b)}`;
    case "cast":
      return labelOf(e.e);
    case "index":
      return `${labelOf(e.a)}[${labelOf(e.i)}]`;
    case "member":
    case "part":
      return `${labelOf(e.e)}.${e.name}`;
    case "bad":
      return e.text;
    case "print":
      return e.print.format;
    case "block":
      return labelOf(e.e);
    default:
      return e.op;
  }
}

function fieldsNamed(g: Emitter, names: readonly string[]): Expr[] {
  return [...new Set(names)]
    .filter((name) => g.optionalField(name) !== undefined)
    .map((name) => ({ op: "field", name, at: -1 }));
}

/** The fields that an expression reads, once each. */
function fieldsOf(e: Expr): Expr[] {
  const found = new Map<string, Expr>();
  const walk = (x: Expr): void => {
    switch (x.op) {
      case "field":
        found.set(x.name, x);
        break;
      case "unary":
      case "cast":
      case "sizeof":
      case "member":
      case "part":
      case "block":
        walk(x.e);
        break;
      case "binary":
        walk(x.a);
        walk(x.b);
        break;
      case "cond":
        walk(x.c);
        walk(x.a);
        walk(x.b);
        break;
      case "index":
        walk(x.a);
        walk(x.i);
        break;
      case "call":
        if (/^__get_/.test(x.name)) found.set(`${x.name} ${labelOf(x.args[0] ?? x)}`, x);
        else x.args.forEach(walk);
        break;
      case "list":
        x.items.forEach(walk);
        break;
    }
  };
  walk(e);
  return [...found.values()];
}
