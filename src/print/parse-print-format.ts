import type { Abi } from "../ground/abi.js";
import type { TypeNames } from "../system/formats/ctype.js";
import type { Expr, PrintFormat } from "./ast.js";
import { tokenize } from "./lex.js";
import { Parser } from "./parse-expr.js";

/** Parses a `print fmt:` line: a string literal, then arguments separated by commas; one that is no C is kept as bad. */
export function parsePrintFormat(text: string, abi: Abi, names: TypeNames): PrintFormat {
  const parse = (from: string): PrintFormat => new Parser(tokenize(from), from, abi, names).printFormat();
  let print: PrintFormat;
  try {
    print = parse(text);
  } catch (error) {
    const repaired = bareQuotes(text, parse);
    if (repaired !== undefined) return repaired;
    throw error;
  }
  return print.args.some(isBad) ? (bareQuotes(text, parse) ?? print) : print;
}

function isBad(e: Expr): boolean {
  return e.op === "bad";
}

/**
 * A print format whose text holds quotes that lost their backslashes (arm64 instruction_emulation, 7.2): the string
 * ends at the first quote behind which the rest parses as exactly the arguments that the conversions before it take.
 */
function bareQuotes(text: string, parse: (text: string) => PrintFormat): PrintFormat | undefined {
  if (!text.startsWith('"')) return undefined;
  let tries = 0;
  for (let at = text.indexOf('"', 1); at > 0 && tries < 32; at = text.indexOf('"', at + 1), tries++) {
    const rest = text.slice(at + 1).trimStart();
    if (rest !== "" && !rest.startsWith(",")) continue;
    const inside = text.slice(1, at).replace(/(?<!\\)"/g, '\\"');
    try {
      const print = parse(`"${inside}"${rest}`);
      if (!print.args.some(isBad)) return print;
    } catch {
      // Not here: the next quote may be the one.
    }
  }
  return undefined;
}
