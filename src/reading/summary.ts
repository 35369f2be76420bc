import type { Diagnostics } from "../ground/diagnostics.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes, subbufOffset } from "../image/image.js";
import type { SubbufScan } from "../ring/subbuf.js";

/** What a sub-buffer is in the ring. */
export type SubbufRole = "reader" | "head" | "commit" | "ring";

/**
 * `live`: unread events. `consumed`: behind the head, still holding data or a time. `empty`: nothing committed, no time.
 * `discarded`: thrown out by an earlier boot, which left only the mark of lost events (since 7.2).
 */
export type SubbufState = "live" | "consumed" | "empty" | "discarded";

/** One sub-buffer, looked at. */
export interface SubbufSummary {
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
  readonly index: number;
  readonly offset: number;
  readonly roles: readonly SubbufRole[];
  readonly state: SubbufState;
  readonly scan: SubbufScan;
}

/** One CPU, counted over its live sub-buffers. */
export interface CpuSummary {
  readonly cpu: CpuArea;
  /** Sub-buffers with events to read. */
  readonly liveSubbufs: number;
  /** Sub-buffers behind the head that still hold data or a time. */
  readonly consumedSubbufs: number;
  readonly damagedSubbufs: number;
  readonly records: readonly [data: number, padding: number, timeExtend: number, timeStamp: number];
  readonly events: number;
  /** Committed bytes. */
  readonly bytes: number;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** Places where events were lost, and how many where it is stored. */
  readonly lost: { readonly places: number; readonly events: bigint };
}

/** The roles of an id. */
export function rolesOf(cpu: CpuArea, id: number): SubbufRole[] {
  const roles: SubbufRole[] = [];
  if (id === 0) roles.push("reader");
  if (id === cpu.head?.id) roles.push("head");
  if (id === cpu.commit?.id) roles.push("commit");
  return roles.length > 0 ? roles : ["ring"];
}

/**
 * Walks every sub-buffer of a CPU in kernel order, passing each on, and counts.
 * Findings go to `diagnostics`.
 */
export function summarizeCpu(
  image: Image,
  cpu: CpuArea,
  diagnostics: Diagnostics,
  each?: (subbuf: SubbufSummary) => void,
): CpuSummary {
  const live = new Uint8Array(cpu.nrSubbufs);
  for (const id of cpu.live) live[id] = 1;
  const records: [number, number, number, number] = [0, 0, 0, 0];
  let liveSubbufs = 0;
  let consumedSubbufs = 0;
  let damagedSubbufs = 0;
  let committed = 0;
  let firstTime: bigint | undefined;
  let lastTime: bigint | undefined;
  let lostPlaces = 0;
  let lostEvents = 0n;
  let before: bigint | undefined;

  const look = (id: number): void => {
    const index = cpu.indexById[id]!;
    const scan = image.subbufs.scan(subbufBytes(image, cpu, index));
    const state = stateOf(scan, live[id] === 1);
    addFindings(cpu, index, scan, state, before, diagnostics);
    if (scan.damage) damagedSubbufs++;
    if (state === "live") {
      const { header } = scan;
      if (header.missedEvents) {
        lostPlaces++;
        lostEvents += header.missedCount ?? 0n;
      }
      if (header.size > 0) liveSubbufs++;
      committed += Math.min(header.size, image.subbufs.capacity);
      for (const kind of [0, 1, 2, 3] as const) records[kind] += scan.records[kind];
      if (scan.firstTime !== undefined) {
        before = scan.lastTime;
        if (firstTime === undefined || scan.firstTime < firstTime) firstTime = scan.firstTime;
        if (lastTime === undefined || scan.lastTime! > lastTime) lastTime = scan.lastTime;
      }
    } else if (state === "consumed") {
      consumedSubbufs++;
    }
    each?.({
      id,
      index,
      offset: subbufOffset(cpu, index),
      roles: rolesOf(cpu, id),
      state,
      scan,
    });
  };

  for (const id of readingOrder(cpu)) look(id);
  return {
    cpu,
    liveSubbufs,
    consumedSubbufs,
    damagedSubbufs,
    records,
    events: records[0],
    bytes: committed,
    firstTime,
    lastTime,
    lost: { places: lostPlaces, events: lostEvents },
  };
}

/** What is odd about one sub-buffer; `before` is the time that the last unread one ended at. */
function addFindings(
  cpu: CpuArea,
  index: number,
  scan: SubbufScan,
  state: SubbufState,
  before: bigint | undefined,
  diagnostics: Diagnostics,
): void {
  const place = { cpu: cpu.cpu, subbuf: index };
  const offset = subbufOffset(cpu, index);
  const { damage, firstTime } = scan;
  const { missedEvents, missedCount } = scan.header;
  // What is cut off is one finding of the whole image.
  if (damage && damage.code !== "subbuf-truncated") diagnostics.add(damage.code, damage.offset, damage.message, place);
  if (scan.timeWentBack)
    diagnostics.add("record-time-backwards", scan.end, "an absolute time stamp lies before the time so far", place);
  if (state !== "live") return;
  if (missedEvents) {
    const many = missedCount === undefined ? "" : `${missedCount} `;
    diagnostics.add("subbuf-missed-events", offset, `${many}events were lost before this sub-buffer`, place);
  }
  if (firstTime !== undefined && before !== undefined && firstTime < before)
    diagnostics.add(
      "subbuf-time-order",
      offset,
      "its first event is older than the last one of the sub-buffer before it",
      place,
    );
}

/** Ids in the kernel's order: the reader page, then the ring from the head. */
function* readingOrder(cpu: CpuArea): Generator<number> {
  yield 0;
  const last = cpu.nrSubbufs - 1;
  const start = cpu.live.find((id) => id > 0) ?? 1;
  for (let step = 0, id = start; step < last; step++, id = id === last ? 1 : id + 1) yield id;
}

function stateOf(scan: SubbufScan, live: boolean): SubbufState {
  const { header } = scan;
  if (live && header.size > 0) return "live";
  if (header.size === 0 && header.missedEvents) return "discarded";
  if (header.size === 0 && header.timeStamp === 0n) return "empty";
  return live ? "live" : "consumed";
}
