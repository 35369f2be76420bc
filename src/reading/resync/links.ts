import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent, MAX_SPAN } from "../walk.js";
import type { Run } from "./explain.js";
import type { Knowledge } from "./knowledge.js";
import { isTask } from "./plausible.js";

/** What of a sub-buffer a kernel walks. */
export interface Committed {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly start: number;
  readonly end: number;
  /** Its time stamp, or an estimate of it. */
  readonly time: bigint;
  readonly knowledge: Knowledge;
}

/** Whether the image has others of an event's type, and of its task. */
interface Known {
  readonly knowsType: boolean;
  readonly knowsTask: boolean;
}

/** An event of the chain. */
export interface Link extends Known {
  readonly pid: number;
  readonly start: number;
  readonly end: number;
  readonly delta: number;
  readonly time: number;
}

export interface Chain {
  readonly events: readonly Link[];
  /** Where its records begin, and where the last ends. */
  readonly steps: ReadonlySet<number>;
}

/** Of a data record that holds an event. */
export function knownOf(cursor: RecordCursor, knowledge: Knowledge): Known {
  const { view, littleEndian, dataOffset } = cursor;
  const pid = taskOf(cursor);
  // Of rubbish, too, there may be more that begins so.
  const knowsType = isTask(pid) && knowledge.knowsType(view.getUint16(dataOffset, littleEndian));
  const knowsTask = isTask(pid) && knowledge.knowsTask(pid);
  return { knowsType, knowsTask };
}

function taskOf({ view, littleEndian, dataOffset }: RecordCursor): number {
  return view.getInt32(dataOffset + 4, littleEndian);
}

/** Both its type and its task are known. */
export function isKnown({ knowsType, knowsTask }: Known): boolean {
  return knowsType && knowsTask;
}

/** Where the lengths of records lead, one after another. */
export function chainOf(committed: Committed, origin: bigint, runs: readonly Run[]): Chain {
  const { view, littleEndian, start, end, time: before, knowledge } = committed;
  const cursor = new RecordCursor(view, littleEndian, RB_EVNT_HDR_SIZE);
  cursor.openAt(start, end, before);
  /** Data records; undefined are those that hold no event. */
  const links: (Link | undefined)[] = [];
  const steps = new Set<number>();
  const hi = Number(origin >> 32n);
  const lo = Number(origin & 0xffff_ffffn);
  let time = Number(before - origin);
  while (cursor.next()) {
    const now = cursor.timeSince(hi, lo);
    // So far off it is damage.
    if (Math.abs(now) < Number(MAX_SPAN)) time = now;
    const { offset, position, timeDelta } = cursor;
    steps.add(offset);
    if (cursor.kind !== RecordKind.Data) continue;
    // Writers' records begin and end so (RB_ALIGNMENT); behind others nothing could be written back in step.
    const isEvent = ((offset | position) & 3) === 0 && holdsEvent(cursor);
    const place = { start: offset, end: position, delta: timeDelta, time };
    links.push(isEvent ? { ...place, pid: taskOf(cursor), ...knownOf(cursor, knowledge) } : undefined);
  }
  if (cursor.damage !== undefined) return { events: believable(links, runs, start), steps };
  steps.add(end);
  return { events: links.filter((link) => link !== undefined), steps };
}

/**
 * Of a chain that does not lead to the end: events of which both type and task are known, and those that follow each other up to
 * where a run begins, or from where one ends, of which one is.
 */
function believable(links: readonly (Link | undefined)[], runs: readonly Run[], start: number): readonly Link[] {
  const borders = new Set([start]);
  for (const run of runs) borders.add(run.start).add(run.end);
  const believed = new Set<Link>();
  const likely = likelyOf(links);
  const follow = (inOrder: readonly (Link | undefined)[], side: "start" | "end"): void => {
    let joins = false;
    for (const link of inOrder) {
      joins = link !== undefined && (joins || borders.has(link[side])) && likely.has(link);
      if (link !== undefined && (joins || isKnown(link))) believed.add(link);
    }
  };
  follow(links, "start");
  follow(links.toReversed(), "end");
  return links.filter((link): link is Link => link !== undefined && believed.has(link));
}

/** Those of which type or task is known, or the event next to which is of the same task and of a known type. */
function likelyOf(links: readonly (Link | undefined)[]): ReadonlySet<Link> {
  const isLike = (link: Link, other: Link | undefined): boolean =>
    other?.knowsType === true && link.pid !== 0 && other.pid === link.pid;
  return new Set(
    links.filter((link, k): link is Link => {
      if (link === undefined) return false;
      return link.knowsType || link.knowsTask || isLike(link, links[k - 1]) || isLike(link, links[k + 1]);
    }),
  );
}
