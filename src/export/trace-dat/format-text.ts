import { type Token, tokenize } from "../../print/lex.js";
import { FormatError } from "../../system/formats/errors.js";

const PRINT = "\nprint fmt: ";
/** A dynamic array from an element on, as firewire's self_id_complete has it. */
const TAIL_OF_ARRAY =
  /__print_array\(\(\(const \w+ \*\)__get_dynamic_array\((\w+)\)\) \+ (\d+), \(__get_dynamic_array_len\(\1\) \/ (\d+)\) - \2, \3\)/g;

/** The head of a record (struct trace_entry) by the kernel's own name, as mm_shrink_slab_start has it since 7.3. */
const ENTRY = /\bREC->ent\.(type|flags|preempt_count|pid)\b/g;

/**
 * A format file as libtraceevent 1.7.1 can read it. It knows no member of a member: `ent` is what it calls common fields. And it
 * dies of two things. It takes `a == 0 ? 0 : b / a` for
 * `(a == 0 ? 0 : b) / a`: a third operand that divides is put in parentheses, which changes nothing in C. And it expects
 * a field for an array (print_str_arg()): of one from an element on, all is shown.
 */
export function formatForLibtraceevent(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const from = bytes.indexOf(PRINT);
  if (from < 0) return file;
  const text = bytes.toString("latin1", from + PRINT.length);
  const mended = withSafeDivisions(text).replace(ENTRY, "REC->common_$1");
  return mended === text ? file : Buffer.from(bytes.toString("latin1", 0, from) + PRINT + mended, "latin1");
}

function withSafeDivisions(text: string): string {
  if (!text.includes("?") || !/[/%]/.test(text.replace(/"(?:\\.|[^"\\])*"/g, ""))) return text;
  return withParentheses(text).replace(
    TAIL_OF_ARRAY,
    "__print_array(__get_dynamic_array($1), __get_dynamic_array_len($1) / $3, $3)",
  );
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
