import { UsageError } from "../../ground/errors.js";
import { encodeLatin1 } from "../../ground/latin1.js";
import type { Origin } from "../clock.js";
import type { Choice } from "./choice.js";
import { parseFilter } from "./filter-parse.js";
import { parseDuration, parseTimePoint, resolveTime } from "./time-window.js";

/** Which events are wanted, as plain data; what is absent leaves none out. */
export interface ChoiceSpec {
  readonly pids?: readonly number[] | undefined;
  /** Globs of task names. */
  readonly comms?: readonly string[] | undefined;
  /** Globs of event names: `sched_*`, `sched:*`, `sched`. */
  readonly events?: readonly string[] | undefined;
  /** As one writes it to an event's filter file. */
  readonly filter?: string | undefined;
  /** Times as the text shows them, or before the last event: `136.425533`, `-200ms`. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The last so much time: `1.5s`. */
  readonly last?: string | undefined;
  /** One task's life: its events, the switches to and from it, wakeups of it. */
  readonly follow?: number | undefined;
  /** Of the function graph, only what is less deep. */
  readonly depth?: number | undefined;
  /** Globs of functions: only what is called within them. */
  readonly functions?: readonly string[] | undefined;
  /** Only events before which others were lost. */
  readonly lost?: boolean | undefined;
  /** Without events that may hold foreign bytes. */
  readonly sure?: boolean | undefined;
}

/** The trace's times. */
export interface TraceTimes {
  readonly inNs: boolean;
  readonly origin: Origin;
  /** Since the origin. */
  lastTime(): number | undefined;
}

/** Throws UsageError where the filter or a time is none. */
export function choiceOf(spec: ChoiceSpec, times: TraceTimes): Choice {
  if (spec.last !== undefined && spec.since !== undefined)
    throw new UsageError("`since` already says where to begin", "last");
  return {
    pids: spec.pids && new Set(spec.pids),
    comms: spec.comms?.map(encodeLatin1),
    events: spec.events,
    filter: spec.filter === undefined ? undefined : parseFilter(spec.filter),
    follow: spec.follow,
    depth: spec.depth,
    functions: spec.functions,
    lost: spec.lost,
    sure: spec.sure,
    ...timeWindow(spec, times),
  };
}

/** A point in time as the options have it, since the origin; all of the microsecond that is shown. */
export function pointInTime(about: string, text: string, times: TraceTimes): number {
  const end = times.origin.value + BigInt(times.lastTime() ?? 0);
  const half = times.inNs && !text.startsWith("-") ? 500 : 0;
  return Number(resolveTime(parseTimePoint(about, text, times.inNs), end) - times.origin.value) - half;
}

function timeWindow({ since, until, last }: ChoiceSpec, times: TraceTimes): { since?: number; until?: number } {
  if (since === undefined && until === undefined && last === undefined) return {};
  const end = times.origin.value + BigInt(times.lastTime() ?? 0);
  const from = (about: string, text: string): number =>
    Number(resolveTime(parseTimePoint(about, text, times.inNs), end) - times.origin.value);
  // Six digits are shown: a time that was read off the screen means all of its microsecond.
  const digit = times.inNs && until !== undefined && !until.startsWith("-") ? 499 : 0;
  const half = times.inNs && since !== undefined && !since.startsWith("-") ? 500 : 0;
  return {
    ...(since === undefined ? {} : { since: from("since", since) - half }),
    ...(last === undefined
      ? {}
      : { since: Number(end - parseDuration("last", last, times.inNs) - times.origin.value) }),
    ...(until === undefined ? {} : { until: from("until", until) + digit }),
  };
}
