import { kindOf } from "../../derive/kinds.js";
import type { KeptEvent } from "../../events/kept-event.js";
import { isCertain, isCertainOn, type LastSources, opened } from "./cpus.js";

/** Work that is told one by one. */
const MOST = 100;

/** Queued work that has not started, longest first. Nothing tells of one that was cancelled. */
export function queuedWork(sources: LastSources) {
  return [...sources.end.queued.unended]
    .sort((a, b) => a.t - b.t)
    .slice(0, MOST)
    .map((event) => {
      const cpu = poolOf(sources, event);
      const text = sources.texts.body(event);
      const certain = cpu === null ? isCertain(sources, event) : isCertainOn(sources, cpu, event);
      return { ...opened(sources, event, { what: "work", text }, certain), cpu };
    });
}

/** The CPU whose workers are to do it; null where any may (struct worker_pool's cpu is negative). */
function poolOf({ trace }: LastSources, event: KeptEvent): number | null {
  const cpu = kindOf(event.type, trace.kinds)?.number("cpu")?.(event) ?? -1;
  return cpu >= 0 ? cpu : null;
}
