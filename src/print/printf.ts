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

/** A piece that prints an argument. */
export type Conversion = Exclude<Piece, { kind: "text" | "invalid" }>;

const CONVERSION = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(hh|h|H|ll|l|L|z|t|Z)?/y;

/** What a conversion's letter says. */
type Meaning = Pick<Conversion, "kind" | "base" | "upper" | "signed">;

const meaning = (kind: Conversion["kind"], more: Partial<Meaning> = {}): Meaning => ({
  kind,
  base: 10,
  upper: false,
  signed: false,
  ...more,
});

const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ["d", meaning("number", { signed: true })],
  ["i", meaning("number", { signed: true })],
  ["u", meaning("number")],
  ["x", meaning("number", { base: 16 })],
  ["X", meaning("number", { base: 16, upper: true })],
  ["o", meaning("number", { base: 8 })],
  ["c", meaning("char")],
  ["s", meaning("string")],
  ["p", meaning("pointer")],
]);

/** What stands behind %p; of a longer one the rest is text. */
const EXTENSION = /^[A-Za-z0-9]*/;
const MAX_EXTENSION = 32;

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
      size: sizeOfQualifier(m[4], longSize),
    } as const;
    if (c === "%") {
      text += "%";
      at++;
      continue;
    }
    flush();
    const meaning = MEANINGS.get(c);
    if (meaning === undefined) {
      pieces.push({ kind: "invalid", text: format.slice(percent) });
      return pieces;
    }
    at++;
    const ext = meaning.kind === "pointer" ? EXTENSION.exec(format.slice(at, at + MAX_EXTENSION))![0] : "";
    at += ext.length;
    pieces.push({ ...base, ...meaning, ext });
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
