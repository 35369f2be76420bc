import { type Token, tokenize } from "../../print/lex.js";
import { FormatError } from "../../system/formats/errors.js";

/** Text literals, whose `?` and `/` mean nothing. */
const LITERAL = /"(?:\\.|[^"\\])*"/g;

/**
 * A print format of which libtraceevent 1.7.1, which takes `a == 0 ? 0 : b / a` for `(a == 0 ? 0 : b) / a`, divides by no zero:
 * a third operand that divides is put in parentheses, which changes nothing in C.
 */
export function withSafeDivisions(text: string): string {
  return text.includes("?") && /[/%]/.test(text.replace(LITERAL, "")) ? withParentheses(text) : text;
}

function withParentheses(text: string): string {
  let tokens: readonly Token[];
  try {
    tokens = tokenize(text);
  } catch (error) {
    // As unreadable to the other program as to this one.
    if (error instanceof FormatError) return text;
    throw error;
  }
  const inserts: { readonly at: number; readonly char: string }[] = [];
  const isOp = (token: Token, ops: string): boolean => token.kind === "op" && ops.split(" ").includes(token.text);
  /** The token behind an expression that begins at token `i` and ends before one of `ends` outside parentheses. */
  const endOf = (i: number, ends: string): number => {
    let depth = 0;
    let questions = 0;
    for (; i < tokens.length - 1; i++) {
      const token = tokens[i]!;
      if (isOp(token, "( [ {")) depth++;
      else if (isOp(token, ") ] }") && depth-- === 0) break;
      else if (depth > 0) continue;
      else if (isOp(token, "?")) questions++;
      else if (isOp(token, ":") && questions > 0) questions--;
      else if (isOp(token, ends)) break;
    }
    return i;
  };
  tokens.forEach((token, i) => {
    if (!isOp(token, "?")) return;
    const from = endOf(i + 1, ": ,") + 1;
    if (!isOp(tokens[from - 1]!, ":")) return;
    const to = endOf(from, ", : ;");
    if (!divides(tokens.slice(from, to), isOp)) return;
    inserts.push(
      { at: tokens[from]!.at, char: "(" },
      { at: text.slice(0, tokens[to]!.at).trimEnd().length, char: ")" },
    );
  });
  return inserts
    .sort((a, b) => b.at - a.at)
    .reduce((out, { at, char }) => out.slice(0, at) + char + out.slice(at), text);
}

/** Whether there is a division outside parentheses. */
function divides(tokens: readonly Token[], isOp: (token: Token, ops: string) => boolean): boolean {
  let depth = 0;
  return tokens.some((token) => {
    if (isOp(token, "(")) depth++;
    else if (isOp(token, ")")) depth--;
    return depth === 0 && isOp(token, "/ %");
  });
}
