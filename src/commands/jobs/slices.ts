import type { CutStream } from "../../events/cut-stream.js";
import { LearntNames, type NameChange } from "../../events/names.js";
import type { Slice } from "../../events/slices.js";
import type { Sink } from "../../export/format.js";
import { type Rows, rowBytes } from "../../export/rows.js";
import type { Io } from "../../io.js";
import type { Starter } from "../../threads.js";
import type { Trace } from "../../trace.js";
import { type Filled, filledWith } from "./memory.js";
import { AllSeen, type Seen, type Watch } from "./seen.js";
import type { Said, Team } from "./team.js";

/** What a slice should have of an image: its output is held until its turn comes. Of each CPU it should have some sub-buffers. */
const SLICE = 512 * 1024;
const OF_A_CPU = 4;
const MOST = 8 * 1024 * 1024;
/** Memory that a thread is given for a slice; where it needs more, it makes it. */
const MEMORY = 16;

/** Pieces of the walk for names, for each thread: who comes late takes fewer. */
const LEARNT = 16;

/** What is asked of a thread. */
type Asked =
  | { readonly learn: Slice; readonly number: number }
  | { readonly names: readonly NameChange[] }
  | { readonly write: Slice; readonly number: number; readonly free: readonly SharedArrayBuffer[] };

/** The rows of a slice. */
interface Written extends Filled {
  readonly events: number;
  readonly seen: Seen;
}

/** A trace that is to be written, and how. */
export interface Writing {
  readonly view: Trace;
  readonly rows: Rows;
  readonly watch: Watch;
}

/** Where to, and with whom. */
interface Means {
  readonly sink: Sink;
  readonly team: Team | undefined;
  readonly io: Pick<Io, "helping">;
}

/**
 * Writes a trace, with the threads that there are; in one of those, helps. Gives how many events it wrote and what there is
 * to tell.
 */
export async function writeTrace(
  writing: Writing,
  { sink, team, io }: Means,
): Promise<{ readonly events: number; readonly seen: Seen }> {
  const { view, rows, watch } = writing;
  if (io.helping !== undefined) return help(writing, io.helping);
  const cut = team && rows.apart ? view.cut() : undefined;
  if (team !== undefined && cut !== undefined) return writeSlices(writing, cut, sink, team);
  const events = view.events();
  for (const piece of rowBytes(rows, events)) await sink.write(piece, events.given);
  return { events: events.given, seen: watch.news(view) };
}

async function writeSlices(writing: Writing, cut: CutStream, sink: Sink, team: Team) {
  const { view, rows, watch } = writing;
  const all = new AllSeen();
  all.add(watch.news(view));
  const head = rows.head();
  if (head !== "") await sink.write(Buffer.from(head, "latin1"), 0);
  await learnNames(view, cut, team);
  const slices = cut.slices(subbufsOfSlice(view));
  const free: SharedArrayBuffer[] = [];
  let events = 0;
  let { lead } = rows;
  await team.run<Written>({
    count: slices.length,
    ask(thread, number) {
      const given = free.splice(0, MEMORY);
      thread.post({ write: slices[number]!, number, free: given } satisfies Asked);
    },
    make: (number) => written(writing, cut, slices[number]!, free),
    async take(slice) {
      events += slice.events;
      all.add(slice.seen);
      for (const [i, memory] of slice.memory.entries()) {
        const length = slice.lengths[i]!;
        // Memory that was not needed comes back empty.
        if (length === 0) continue;
        await sink.write(new Uint8Array(memory, lead, length - lead), events);
        lead = 0;
      }
      free.push(...slice.memory);
    },
  });
  if (rows.foot !== "") await sink.write(Buffer.from(rows.foot, "latin1"), events);
  return { events, seen: all.seen };
}

function subbufsOfSlice({ image: { layout } }: Trace): number {
  const { subbufSize } = layout.geometry;
  return Math.ceil(Math.min(Math.max(SLICE, OF_A_CPU * subbufSize * layout.nrCpus), MOST) / subbufSize);
}

/** The walk over all events that names of tasks are learnt from. */
async function learnNames({ names, image }: Trace, cut: CutStream, team: Team): Promise<void> {
  if (!(names instanceof LearntNames) || names.known) return;
  const { subbufSize } = image.layout.geometry;
  const slices = cut.slices(Math.ceil(image.source.size / subbufSize / (LEARNT * team.size)));
  const found: (readonly NameChange[] | "too many")[] = [];
  await team.run({
    count: slices.length,
    ask: (thread, number) => thread.post({ learn: slices[number]!, number } satisfies Asked),
    make: (number) => changesOf(names, cut, slices[number]!),
    take: async (changes) => {
      found.push(changes);
    },
  });
  if (found.includes("too many")) return;
  const changes = found.flat() as NameChange[];
  names.adopt(changes);
  team.tell({ names: changes } satisfies Asked);
}

function changesOf(names: LearntNames, cut: CutStream, slice: Slice): readonly NameChange[] | "too many" {
  return names.changesIn(cut.everyEvent(slice)) ?? "too many";
}

function written({ view, rows, watch }: Writing, cut: CutStream, slice: Slice, free: SharedArrayBuffer[]): Written {
  const stream = rows.events(cut, slice);
  const filled = filledWith(rows.pieces(stream), free);
  return { ...filled, events: stream.given, seen: watch.news(view) };
}

/** Does what the thread that started this one asks for, until it ends it. */
async function help(writing: Writing, starter: Starter): Promise<never> {
  const { view, watch } = writing;
  const { names } = view;
  const cut = view.cut();
  // What is seen before is seen by all.
  watch.news(view);
  starter.post({ ready: true } satisfies Said);
  for (;;) {
    const asked = (await starter.next()) as Asked;
    if (cut === undefined) throw new Error("what can be cut in one thread cannot in another");
    if ("names" in asked) (names as LearntNames).adopt(asked.names);
    else if ("learn" in asked) {
      const result = changesOf(names as LearntNames, cut, asked.learn);
      starter.post({ number: asked.number, result } satisfies Said);
    } else {
      const free = [...asked.free];
      const result = written(writing, cut, asked.write, free);
      // What was not needed goes back empty.
      const memory = [...result.memory, ...free];
      const lengths = memory.map((_, i) => result.lengths[i] ?? 0);
      starter.post({ number: asked.number, result: { ...result, memory, lengths } } satisfies Said);
    }
  }
}
