import { FormatError, MAX_TOKENS } from "../system/formats/errors.js";

/** One C token of a print format. */
export type Token =
  | { readonly kind: "id"; readonly text: string; readonly at: number }
  | {
      readonly kind: "num";
      readonly value: bigint;
      readonly suffix: string;
      readonly decimal: boolean;
      readonly at: number;
    }
  | { readonly kind: "str"; readonly text: string; readonly at: number }
  | { readonly kind: "chr"; readonly value: number; readonly at: number }
  | { readonly kind: "op"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

const NUMBER = /0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+/y;
const SUFFIX = /[uUlL]*/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const SPACE = /\s+/y;
const OPERATORS = /->|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|\.\.\.|[-+*/%&|^~!<>=?:;,.(){}[\]#]/y;

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
};

/** Splits C text into tokens. Adjacent string literals become one. Text is one character a byte. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (re: RegExp): string | undefined => {
    re.lastIndex = at;
    const m = re.exec(text);
    if (m === null || m[0] === "") return undefined;
    at = re.lastIndex;
    return m[0];
  };
  while (at < text.length) {
    if (match(SPACE) !== undefined) continue;
    if (tokens.length > MAX_TOKENS) throw new FormatError("too many tokens", at);
    const start = at;
    const c = text[at]!;
    if (c === '"') {
      const [value, end] = quoted(text, at, '"');
      at = end;
      const last = tokens[tokens.length - 1];
      if (last?.kind === "str") tokens[tokens.length - 1] = { kind: "str", text: last.text + value, at: last.at };
      else tokens.push({ kind: "str", text: value, at: start });
      continue;
    }
    if (c === "'") {
      const [value, end] = quoted(text, at, "'");
      at = end;
      if (value.length === 0) throw new FormatError("empty character constant", start);
      tokens.push({ kind: "chr", value: value.charCodeAt(value.length - 1) & 0xff, at: start });
      continue;
    }
    const word = match(WORD);
    if (word !== undefined) {
      tokens.push({ kind: "id", text: word, at: start });
      continue;
    }
    const digits = match(NUMBER);
    if (digits !== undefined) {
      const suffix = (match(SUFFIX) ?? "").toLowerCase();
      const octal = /^0[0-7]+$/.test(digits);
      const value = BigInt(
        octal ? `0o${digits.slice(1)}` : /^0[0-9]/.test(digits) ? digits.replace(/^0+/, "") || "0" : digits,
      );
      tokens.push({ kind: "num", value: BigInt.asUintN(64, value), suffix, decimal: /^[1-9]/.test(digits), at: start });
      continue;
    }
    const op = match(OPERATORS);
    if (op === undefined) throw new FormatError(`unexpected character ${JSON.stringify(c)}`, at);
    tokens.push({ kind: "op", text: op, at: start });
  }
  tokens.push({ kind: "end", at });
  return tokens;
}

/** The value of a quoted C literal that begins at `at`, and the position behind it. */
function quoted(text: string, at: number, quote: string): [string, number] {
  let out = "";
  let i = at + 1;
  for (;;) {
    if (i >= text.length) throw new FormatError("literal without an end", at);
    const c = text[i]!;
    if (c === quote) return [out, i + 1];
    if (c !== "\\") {
      out += c;
      i++;
      continue;
    }
    const e = text[i + 1] ?? "";
    if (e === "x") {
      const m = /^[0-9a-fA-F]{1,2}/.exec(text.slice(i + 2, i + 4));
      out += m === null ? "x" : String.fromCharCode(Number.parseInt(m[0], 16));
      i += 2 + (m?.[0].length ?? 0);
    } else if (e >= "0" && e <= "7") {
      const m = /^[0-7]{1,3}/.exec(text.slice(i + 1, i + 4))!;
      out += String.fromCharCode(Number.parseInt(m[0], 8) & 0xff);
      i += 1 + m[0].length;
    } else {
      const code = ESCAPES[e];
      out += code === undefined ? e : String.fromCharCode(code);
      i += 2;
    }
  }
}
