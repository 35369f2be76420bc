import type { NumberSpec } from "./number.js";

/** One piece of a printf format. `width` and `precision` are "*" when they come from an argument. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "number" | "char" | "string" | "pointer";
      readonly left: boolean;
      readonly plus: boolean;
      readonly space: boolean;
      readonly special: boolean;
      readonly zero: boolean;
      readonly width: number | "*";
      readonly precision: number | "*";
      readonly base: 8 | 10 | 16;
      readonly upper: boolean;
      readonly signed: boolean;
      /** Bytes of the number. */
      readonly size: 1 | 2 | 4 | 8;
      /** What stands behind %p: "S", "I6c", ... */
      readonly ext: string;
    }
  /** A conversion that the kernel does not know: it stops there and prints nothing more (FORMAT_STATE_INVALID). */
  | { readonly kind: "invalid"; readonly text: string };

const CONVERSION = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(hh|h|H|ll|l|L|z|t|Z)?/y;

/** Splits a printf format the way format_decode() in lib/vsprintf.c does. */
export function splitFormat(format: string, longSize: 4 | 8): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  let at = 0;
  const flush = () => {
    if (text !== "") pieces.push({ kind: "text", text });
    text = "";
  };
  while (at < format.length) {
    const percent = format.indexOf("%", at);
    if (percent < 0) {
      text += format.slice(at);
      break;
    }
    text += format.slice(at, percent);
    CONVERSION.lastIndex = percent;
    const m = CONVERSION.exec(format)!;
    at = CONVERSION.lastIndex;
    const c = format[at] ?? "";
    const dot = m[0].includes(".");
    const flags = m[1]!;
    const width = m[2] === undefined ? -1 : m[2] === "*" ? "*" : Number(m[2]);
    const precision = !dot ? -1 : m[3] === undefined ? -1 : m[3] === "*" ? "*" : Number(m[3]);
    const base = {
      left: flags.includes("-"),
      plus: flags.includes("+"),
      space: flags.includes(" "),
      special: flags.includes("#"),
      zero: flags.includes("0"),
      width,
      precision,
      base: 10 as 8 | 10 | 16,
      upper: false,
      signed: false,
      size: sizeOfQualifier(m[4], longSize),
      ext: "",
    } as const;
    switch (c) {
      case "%":
        text += "%";
        at++;
        continue;
      case "d":
      case "i":
        flush();
        pieces.push({ ...base, kind: "number", signed: true });
        break;
      case "u":
        flush();
        pieces.push({ ...base, kind: "number" });
        break;
      case "x":
      case "X":
        flush();
        pieces.push({ ...base, kind: "number", base: 16, upper: c === "X" });
        break;
      case "o":
        flush();
        pieces.push({ ...base, kind: "number", base: 8 });
        break;
      case "c":
        flush();
        pieces.push({ ...base, kind: "char" });
        break;
      case "s":
        flush();
        pieces.push({ ...base, kind: "string" });
        break;
      case "p": {
        flush();
        const ext = /^[A-Za-z0-9]*/.exec(format.slice(at + 1, at + 33))![0];
        pieces.push({ ...base, kind: "pointer", ext });
        at += 1 + ext.length;
        continue;
      }
      default:
        flush();
        pieces.push({ kind: "invalid", text: format.slice(percent) });
        return pieces;
    }
    at++;
  }
  flush();
  return pieces;
}

function sizeOfQualifier(q: string | undefined, longSize: 4 | 8): 1 | 2 | 4 | 8 {
  switch (q) {
    case "hh":
    case "H":
      return 1;
    case "h":
      return 2;
    case "l":
    case "z":
    case "t":
    case "Z":
      return longSize;
    case "ll":
    case "L":
      return 8;
    default:
      return 4;
  }
}

/** A piece that prints an argument. */
export type Conversion = Exclude<Piece, { kind: "text" | "invalid" }>;

/** The spec of a number conversion whose width and precision are known. */
export function numberSpec(
  p: Pick<Conversion, Exclude<keyof NumberSpec, "width" | "precision">>,
  width: number,
  precision: number,
): NumberSpec {
  return {
    left: p.left,
    plus: p.plus,
    space: p.space,
    special: p.special,
    zero: p.zero,
    width,
    precision,
    base: p.base,
    upper: p.upper,
  };
}
