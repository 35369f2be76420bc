import type { CutStream } from "../../events/cut-stream.js";
import type { Slice } from "../../events/slices.js";
import { type Parts, writeWhole } from "../../export/parts.js";
import type { Exported, Sink } from "../../export/sink.js";
import type { Io } from "../../io.js";
import type { Trace } from "../../trace/trace.js";
import { learnNames, nameTasks } from "./names.js";
import { batches, type Part, partOfSlice, subbufsOfSlice } from "./plan.js";
import { AllSeen, type Seen, type Watch } from "./seen.js";
import { help, SharedTasks } from "./tasks.js";
import type { Team } from "./team.js";

/** What there is to tell of a part, behind its bytes. */
interface Written {
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
  const cut = (team ?? io.helping) && parts.apart ? view.cut() : undefined;
  if (io.helping !== undefined) {
    // What is seen before is seen by all.
    watch.news(view);
    return help(cut && writeTasks(writing, cut), io.helping);
  }
  if (team !== undefined && cut !== undefined) return writeTogether(writing, cut, sink, team);
  const exported = await writeWhole(parts, view.events(), sink);
  return { ...exported, seen: watch.news(view) };
}

async function writeTogether(writing: Writing, cut: CutStream, sink: Sink, team: Team): Promise<Told> {
  const { view, parts, watch } = writing;
  const shared = new SharedTasks(team, writeTasks(writing, cut));
  const all = new AllSeen();
  all.add(watch.news(view));
  await learnNames(view, cut, shared);
  const head = parts.head();
  if (head.length > 0) await sink.write(head, 0);
  const plan = await planOf(writing, cut, shared);
  const facts: unknown[] = [];
  let events = 0;
  let { lead } = parts;
  await shared.write("write", {
    count: plan.length,
    given: (number) => plan[number]!,
    async write(bytes) {
      await sink.write(bytes.subarray(lead), events);
      lead = 0;
    },
    async take(part) {
      events += part.events;
      all.add(part.seen);
      facts.push(part.facts);
    },
  });
  const { foot, shortfalls, leftOut } = parts.end(facts);
  if (foot.length > 0) await sink.write(foot, events);
  return { events: events - leftOut, shortfalls, seen: all.seen };
}

type WriteTasks = ReturnType<typeof writeTasks>;

/** What any thread can do of it. */
function writeTasks({ view, parts, watch }: Writing, cut: CutStream) {
  return {
    ...nameTasks(view, cut),
    count: (slice: Slice) => cut.count(slice),
    *write({ slice, skip, most }: Part): Generator<Uint8Array, Written> {
      const events = cut.events(slice, { taking: parts.taking });
      for (let i = 0; i < skip; i++) events.next();
      yield* parts.pieces(events, most);
      return { events: events.given - skip, facts: parts.facts(), seen: watch.news(view) };
    },
  };
}

/** Which parts are made. Where they have so many events each, all are counted first. */
async function planOf(
  { view, parts }: Writing,
  cut: CutStream,
  shared: SharedTasks<WriteTasks>,
): Promise<readonly Part[]> {
  const slices = cut.slices(subbufsOfSlice(view));
  if (parts.batch === undefined) return slices.map(partOfSlice);
  return batches(slices, await shared.results("count", slices), parts.batch);
}
