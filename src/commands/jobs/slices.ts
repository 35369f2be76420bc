import type { CutStream } from "../../events/cut-stream.js";
import { LearntNames, type NameChange } from "../../events/names.js";
import type { Slice } from "../../events/slices.js";
import { type Parts, writeWhole } from "../../export/parts.js";
import type { Exported, Sink } from "../../export/sink.js";
import type { Io } from "../../io.js";
import type { Starter } from "../../threads.js";
import type { Trace } from "../../trace.js";
import { type Filled, filledWith } from "./memory.js";
import { batches, type Part, partOfSlice } from "./plan.js";
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
  | { readonly count: Slice; readonly number: number }
  | { readonly write: Part; readonly number: number; readonly free: readonly SharedArrayBuffer[] };

/** The bytes of a part. */
interface Written extends Filled {
  readonly events: number;
  readonly facts: unknown;
  readonly seen: Seen;
}

/** A trace that is to be written, and how. */
export interface Writing {
  readonly view: Trace;
  readonly parts: Parts;
  readonly watch: Watch;
}

/** What was written, and what there is to tell of it. */
export interface Told extends Exported {
  readonly seen: Seen;
}

/** Where to, and with whom. */
interface Means {
  readonly sink: Sink;
  readonly team: Team | undefined;
  readonly io: Pick<Io, "helping">;
}

/** Writes a trace, with the threads that there are; in one of those, helps. */
export async function writeTrace(writing: Writing, { sink, team, io }: Means): Promise<Told> {
  const { view, parts, watch } = writing;
  if (io.helping !== undefined) return help(writing, io.helping);
  const cut = team && parts.apart ? view.cut() : undefined;
  if (team !== undefined && cut !== undefined) return writeTogether(writing, cut, sink, team);
  const exported = await writeWhole(parts, view.events(), sink);
  return { ...exported, seen: watch.news(view) };
}

async function writeTogether(writing: Writing, cut: CutStream, sink: Sink, team: Team): Promise<Told> {
  const { view, parts, watch } = writing;
  const all = new AllSeen();
  all.add(watch.news(view));
  const head = parts.head();
  if (head.length > 0) await sink.write(head, 0);
  await learnNames(view, cut, team);
  const plan = await planOf(writing, cut, team);
  const free: SharedArrayBuffer[] = [];
  const facts: unknown[] = [];
  let events = 0;
  let { lead } = parts;
  await team.run<Written>({
    count: plan.length,
    ask(thread, number) {
      const given = free.splice(0, MEMORY);
      thread.post({ write: plan[number]!, number, free: given } satisfies Asked);
    },
    make: (number) => written(writing, cut, plan[number]!, free),
    async take(part) {
      events += part.events;
      all.add(part.seen);
      facts.push(part.facts);
      for (const [i, memory] of part.memory.entries()) {
        const length = part.lengths[i]!;
        // Memory that was not needed comes back empty.
        if (length === 0) continue;
        await sink.write(new Uint8Array(memory, lead, length - lead), events);
        lead = 0;
      }
      free.push(...part.memory);
    },
  });
  const { foot, shortfalls, leftOut } = parts.end(facts);
  if (foot.length > 0) await sink.write(foot, events);
  return { events: events - leftOut, shortfalls, seen: all.seen };
}

/** Which parts are made. Where they have so many events each, all are counted first. */
async function planOf({ view, parts }: Writing, cut: CutStream, team: Team): Promise<readonly Part[]> {
  const slices = cut.slices(subbufsOfSlice(view));
  if (parts.batch === undefined) return slices.map(partOfSlice);
  const counts: number[] = [];
  await team.run<number>({
    count: slices.length,
    ask: (thread, number) => thread.post({ count: slices[number]!, number } satisfies Asked),
    make: (number) => countOf(cut, slices[number]!),
    take: async (count) => {
      counts.push(count);
    },
  });
  return batches(slices, counts, parts.batch);
}

function countOf(cut: CutStream, slice: Slice): number {
  const events = cut.events(slice);
  while (events.next() !== undefined);
  return events.given;
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

function written({ view, parts, watch }: Writing, cut: CutStream, part: Part, free: SharedArrayBuffer[]): Written {
  const { slice, skip, most } = part;
  const events = parts.events(cut, slice);
  for (let i = 0; i < skip; i++) events.next();
  const filled = filledWith(parts.pieces(events, most), free);
  return { ...filled, events: events.given - skip, facts: parts.facts(), seen: watch.news(view) };
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
    else if ("count" in asked) {
      starter.post({ number: asked.number, result: countOf(cut, asked.count) } satisfies Said);
    } else if ("learn" in asked) {
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
