import { safeJson } from "./safe-text.js";
import { Sequence } from "./sequence.js";

/** Characters from which on a piece is given. */
const PIECE = 64 * 1024;
/** Members of a list that are written at once. */
const MEMBERS = 64;

/** As safeJson(), in pieces: the members of a sequence are made as they are written, and never kept. */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = "";
  for (const part of parts(value)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

function* parts(value: unknown): Generator<string> {
  if (value instanceof Sequence) yield* listed(value);
  else if (!hasSequence(value)) yield safeJson(value);
  else if (Array.isArray(value)) {
    let before = "[";
    for (const one of value as Iterable<unknown>) {
      yield before;
      yield* parts(one ?? null);
      before = ",";
    }
    yield "]";
  } else {
    let before = "{";
    for (const [name, one] of Object.entries(value)) {
      if (one === undefined) continue;
      yield `${before}${safeJson(name)}:`;
      yield* parts(one);
      before = ",";
    }
    yield "}";
  }
}

/** A few members at a time: there may be millions, and one by one they would take twice the time. */
function* listed(sequence: Sequence<unknown>): Generator<string> {
  let before = "[";
  for (let i = 0; i < sequence.length; i += MEMBERS) {
    yield `${before}${safeJson([...sequence.between(i, i + MEMBERS)]).slice(1, -1)}`;
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

/** Whether it is a sequence, or an object or list with one somewhere in it. */
function hasSequence(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Sequence) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some(hasSequence);
}
