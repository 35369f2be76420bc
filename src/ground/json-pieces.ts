import { safeJson } from "./safe-text.js";
import { Sequence } from "./sequence.js";

/** Characters from which on a piece is given. */
const PIECE = 64 * 1024;

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
  if (!hasSequence(value)) {
    yield safeJson(value);
    return;
  }
  if (value instanceof Sequence || Array.isArray(value)) {
    let before = "[";
    for (const one of value as Iterable<unknown>) {
      yield before;
      yield* parts(one ?? null);
      before = ",";
    }
    yield before === "[" ? "[]" : "]";
    return;
  }
  let before = "{";
  for (const [name, one] of Object.entries(value)) {
    if (one === undefined) continue;
    yield `${before}${safeJson(name)}:`;
    yield* parts(one);
    before = ",";
  }
  yield "}";
}

/** Whether it is a sequence, or an object or list with one somewhere in it. */
function hasSequence(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Sequence) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some(hasSequence);
}
