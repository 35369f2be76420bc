import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent, MAX_SPAN } from "../walk.js";
import type { PageExplanation, Run } from "./explain.js";

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
 * in its place: it is in doubt, and its time is an estimate. Less likely is what holds no event, and what is in step with the
 * records on neither side of it where the chain is with both; a line of another moment is so with those behind it by chance.
 */
export function withChain({ origin, runs }: PageExplanation, committed: Committed): PageExplanation {
  const isWhole = runs.length === 1 && runs[0]!.start === committed.start && runs[0]!.end === committed.end;
  const found = isWhole ? undefined : chainOf(committed, origin);
  if (found === undefined) return { origin, runs };
  const { events: chain, steps } = found;
  const all: Run[] = [];
  let k = 0;
  const isLikelier = (run: Run, i: number): boolean => {
    const { start, end, events } = run;
    if (chain.every((link) => link.end <= start || link.start >= end)) return true;
    const from = runs[i - 1]?.end ?? committed.start;
    const to = runs[i + 1]?.start ?? committed.end;
    const inStep = from === start || (to === end && !isStale(run));
    return events > 0 && (inStep || !steps.has(from) || !steps.has(to));
  };
  for (const run of [...runs.filter(isLikelier), undefined]) {
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

/** All of its events seem to be of another moment. */
function isStale({ events, doubts }: Run): boolean {
  return doubts.filter(({ code }) => code === "stale-line").length === events;
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
    if (cursor.kind === RecordKind.Data && holdsEvent(cursor))
      events.push({ start: offset, end: position, delta: timeDelta, time });
  }
  return cursor.damage === undefined ? { events, steps } : undefined;
}
