import { Counts, type CountsContents, type StatsWindow } from "../../derive/stats/counts.js";
import type { CutStream } from "../../events/cut-stream.js";
import { LearntNames } from "../../events/names.js";
import type { Slice } from "../../events/slices.js";
import type { Io } from "../../io.js";
import { counted, statsWindow } from "../../report/stats.js";
import type { Trace } from "../../trace/trace.js";
import { type Changes, learnNames, nameTasks, ofAll } from "./names.js";
import { subbufsOfSlice } from "./plan.js";
import { help, SharedTasks } from "./tasks.js";
import type { Team } from "./team.js";

/** Counts a trace, with the threads that there are; in one of those, helps. */
export async function countTrace(view: Trace, team: Team | undefined, io: Pick<Io, "helping">): Promise<Counts> {
  const cut = (team ?? io.helping) ? view.cut() : undefined;
  const window = statsWindow(view);
  if (io.helping !== undefined) return help(cut && countTasks(view, cut, window), io.helping);
  if (team === undefined || cut === undefined) return counted(view);
  const shared = new SharedTasks(team, countTasks(view, cut, window));
  // Where events are chosen, that may hang on names.
  if (view.chooses) await learnNames(view, cut, shared);
  const counts = new Counts(window);
  const first = view.events().next();
  if (first === undefined) return counts.end();
  const start = counts.timeOf(first);
  const names = view.names instanceof LearntNames ? view.names : undefined;
  const found: Changes[] = [];
  const slices = cut.slices(subbufsOfSlice(view));
  await shared.share("collect", {
    count: slices.length,
    given: (number) => ({ slice: slices[number]!, start }),
    async take({ counted, changes }) {
      counts.append(counted);
      found.push(changes);
    },
  });
  const changes = ofAll(found);
  if (names !== undefined && !names.known && changes !== undefined) names.adopt(changes);
  return counts.end();
}

interface Collected {
  readonly counted: CountsContents;
  /** What is called what, learnt on the way. */
  readonly changes: Changes;
}

/** What any thread can do of it. */
function countTasks(view: Trace, cut: CutStream, window: StatsWindow) {
  return {
    ...nameTasks(view, cut),
    collect({ slice, start }: { readonly slice: Slice; readonly start: number }): Collected {
      const hearer = view.names instanceof LearntNames ? view.names.partHearer() : undefined;
      const counted = new Counts(window, start).addAll(cut.events(slice, { hearer })).contents;
      return { counted, changes: hearer?.changes ?? [] };
    },
  };
}
