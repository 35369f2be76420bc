import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { Expr } from "./ast.js";
import type { PrintEnv } from "./env.js";
import type { Piece } from "./printf.js";
import type { PrintedRecord } from "./record.js";

/**
 * The fields whose string the kernel looks at before it prints an event: plain pointers that a %s is for
 * (process_string(), kernel/trace/trace_events.c). In the order of ignore_event(): the last field first.
 */
export function testedStrings(
  format: EventFormat,
  args: readonly Expr[],
  pieces: readonly Piece[],
): readonly EventField[] {
  const names = new Set<string>();
  let next = 0;
  for (const piece of pieces) {
    if (piece.kind === "text" || piece.kind === "invalid") continue;
    if (piece.width === "*") next++;
    if (piece.precision === "*") next++;
    const arg = args[next++];
    if (piece.kind !== "string" || arg === undefined) continue;
    const name = pointerOf(arg);
    if (name !== undefined) names.add(name);
  }
  return format.fields.filter((field) => field.shape === "pointer" && names.has(field.name)).reverse();
}

/** The field that a %s follows; undefined for what the kernel takes to be safe: calls, strings, elements of arrays. */
function pointerOf(e: Expr): string | undefined {
  switch (e.op) {
    case "field":
      return e.name;
    case "cast":
    case "unary":
      return e.op === "unary" && e.what === "&" ? undefined : pointerOf(e.e);
    default:
      return undefined;
  }
}

/** The first of the fields whose string the kernel would refuse to print. */
export function unsafeString(
  tested: readonly EventField[],
  r: PrintedRecord,
  safe: NonNullable<PrintEnv["safeString"]>,
  event: string,
): EventField | undefined {
  return tested.find((field) => {
    const at = r.start + field.offset;
    return r.has(at, r.longSize) && !safe(r.longHi(at), r.longLo(at), event);
  });
}
