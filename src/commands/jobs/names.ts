import type { CutStream } from "../../events/cut-stream.js";
import { LearntNames, type NameChange } from "../../events/names.js";
import type { Slice } from "../../events/slices.js";
import type { Trace } from "../../trace/trace.js";
import type { SharedTasks } from "./tasks.js";

/** Pieces of the walk for names, for each thread: who comes late takes fewer. */
const PIECES = 16;

/** What a slice says that is new within it. */
export type Changes = readonly NameChange[] | "too many";

/** The changes of all slices; undefined where they are more than are kept: then each thread learns by a walk of its own. */
export function ofAll(slices: readonly Changes[]): readonly NameChange[] | undefined {
  const changes: NameChange[] = [];
  for (const slice of slices) {
    if (slice === "too many") return undefined;
    for (const change of slice) changes.push(change);
  }
  return changes;
}

/** The walk over all events that names of tasks are learnt from, in pieces. */
export function nameTasks({ names }: Trace, cut: CutStream) {
  const learnt = names instanceof LearntNames ? names : undefined;
  return {
    learn(slice: Slice): Changes {
      const hearer = learnt?.partHearer();
      if (hearer === undefined) return [];
      const events = cut.everyEvent(slice);
      for (let event = events.next(); event !== undefined; event = events.next()) hearer.hear(event);
      return hearer.changes;
    },
    adopt: (changes: readonly NameChange[]): void => learnt?.adopt(changes),
  };
}

/** Every thread knows all names behind this. */
export async function learnNames(
  { names, image }: Trace,
  cut: CutStream,
  shared: SharedTasks<ReturnType<typeof nameTasks>>,
): Promise<void> {
  if (!(names instanceof LearntNames) || names.known) return;
  const { subbufSize } = image.layout.geometry;
  const slices = cut.slices(Math.ceil(image.source.size / subbufSize / (PIECES * shared.size)));
  const changes = ofAll(await shared.results("learn", slices));
  if (changes !== undefined) shared.each("adopt", changes);
}
