import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent, MAX_SPAN } from "../walk.js";
import type { PageExplanation, Run } from "./explain.js";
import { lineOf } from "./words.js";

/** What of a sub-buffer a kernel walks. */
interface Committed {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly start: number;
  readonly end: number;
  /** Its time stamp, or an estimate of it. */
  readonly time: bigint;
}

/**
 * A kernel keeps a sub-buffer whose records lead by their lengths to the end of what was committed, whatever they hold
 * (rb_read_data_buffer(), ring_buffer.c). So an event that stands in that chain is not given up where nothing likelier stands
 * in its place (likelier()): it is in doubt, and its time is an estimate.
 */
export function withChain({ origin, runs }: PageExplanation, committed: Committed): PageExplanation {
  const isWhole = runs.length === 1 && runs[0]!.start === committed.start && runs[0]!.end === committed.end;
  const found = isWhole ? undefined : chainOf(committed, origin);
  if (found === undefined) return { origin, runs };
  const { events: chain } = found;
  const all: Run[] = [];
  let k = 0;
  for (const run of [...likelier(runs, found, committed), undefined]) {
    const to = run?.start ?? committed.end;
    const before = all.at(-1);
    const low = before?.after ?? 0;
    const high = run?.before ?? Number.POSITIVE_INFINITY;
    const within = (time: number): number => Math.min(high, Math.max(low, time));
    let end = before?.end ?? committed.start;
    for (; k < chain.length && chain[k]!.end <= to; k++) {
      const { start, end: next, delta, time } = chain[k]!;
      if (start < end) continue;
      const after = within(time);
      all.push({
        start,
        end: next,
        events: 1,
        before: after - delta,
        after,
        exact: false,
        low: low - delta,
        high: high - delta,
        breakBefore: start > end || before === undefined ? end : undefined,
        doubts: [{ offset: start, code: "line-border" }],
      });
      end = next;
    }
    if (run === undefined) break;
    all.push(run.breakBefore === undefined ? run : { ...run, breakBefore: end });
    while (k < chain.length && chain[k]!.start < run.end) k++;
  }
  return { origin, runs: all };
}

/** An event of the chain. */
interface Link {
  readonly start: number;
  readonly end: number;
  readonly delta: number;
  readonly time: number;
}

interface Chain {
  readonly events: readonly Link[];
  /** Where its records begin, and where the last ends. */
  readonly steps: ReadonlySet<number>;
}

/** Undefined where it does not lead to the end. */
function chainOf({ view, littleEndian, start, end, time: before }: Committed, origin: bigint): Chain | undefined {
  const cursor = new RecordCursor(view, littleEndian, RB_EVNT_HDR_SIZE);
  cursor.open(start, end, Number(before >> 32n), Number(before & 0xffff_ffffn));
  const events: Link[] = [];
  const steps = new Set<number>([end]);
  const hi = Number(origin >> 32n);
  const lo = Number(origin & 0xffff_ffffn);
  let time = Number(before - origin);
  while (cursor.next()) {
    const now = cursor.timeSince(hi, lo);
    // So far off it is damage.
    if (Math.abs(now) < Number(MAX_SPAN)) time = now;
    const { offset, position, timeDelta } = cursor;
    steps.add(offset);
    // Writers' records begin and end so (RB_ALIGNMENT); behind others nothing could be written back in step.
    const aligned = ((offset | position) & 3) === 0;
    if (cursor.kind === RecordKind.Data && aligned && holdsEvent(cursor))
      events.push({ start: offset, end: position, delta: timeDelta, time });
  }
  return cursor.damage === undefined ? { events, steps } : undefined;
}

/**
 * The runs that are likelier than the chain: but for those that hold no event, and those of foreign lines between two places that
 * the chain leads to as well.
 */
function likelier(runs: readonly Run[], { events, steps }: Chain, { start, end }: Committed): readonly Run[] {
  const kept: Run[] = [];
  let from = start;
  for (let first = 0, next = 1; next <= runs.length; next++) {
    const to = runs[next]?.start ?? end;
    if (!steps.has(runs[next - 1]!.end) && !steps.has(to)) continue;
    const between = runs.slice(first, next);
    const foreign = steps.has(from) && between[0]!.start !== from && isForeign(between, to);
    for (const run of between)
      if ((run.events > 0 && !foreign) || events.every((link) => link.end <= run.start || link.start >= run.end))
        kept.push(run);
    from = between.at(-1)!.end;
    first = next;
  }
  return kept;
}

/**
 * Whether runs behind a gap are foreign lines': what follows each other begins in one line and is in step with nothing, or seems
 * to be of another moment, and its last record is in step with those behind it by chance.
 */
function isForeign(runs: readonly Run[], to: number): boolean {
  let first = 0;
  return runs.every((run, k) => {
    const isAlone = run.end !== (runs[k + 1]?.start ?? to);
    if (!isAlone && k + 1 < runs.length) return true;
    const inOneLine = isAlone && lineOf(runs[first]!.start) === lineOf(run.start);
    const isStale = runs
      .slice(first, k + 1)
      .every(({ events, doubts }) => doubts.filter(({ code }) => code === "stale-line").length === events);
    first = k + 1;
    return inOneLine || isStale;
  });
}
