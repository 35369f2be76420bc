import type { CpuArea } from "../../image/cpu-area.js";
import type { Area } from "../../kernel/area.js";
import { RecordCursor } from "../../ring/records.js";
import { RB_MISSED_EVENTS } from "../../ring/structs.js";
import { COMMIT_OFFSET } from "../../ring/subbuf.js";
import type { CpuReading } from "../cpu-reading.js";
import type { SubbufReading } from "../subbuf-reading.js";
import { writeTorn } from "./write-torn.js";

/** A time stamp of more than 64 bits is an early one. */
const LATEST = 2n ** 64n - 1n;

/**
 * Makes the kept sub-buffers of a CPU true, oldest first: records, commit and time stamp. The result reads as what was read:
 * each is sound by itself, and none is later than the next begins, but where the clock went back, so that nothing has to be
 * inferred the second time.
 * @param mark set RB_MISSED_EVENTS where events are lost
 */
export function writePages(area: Area, cpu: CpuArea, kept: readonly SubbufReading[], mark: boolean): void {
  const latest = latestTimes(kept);
  let earliest = earliestOf(kept);
  for (const [i, page] of kept.entries()) {
    // An estimate is moved as little as it takes: exact times stay.
    const time = between(page.stretches[0]!.time, earliest, latest[i]!);
    const last = i + 1 === kept.length;
    const before = page.wentBack ? undefined : latest[i + 1];
    const { end, endTime } = writeRecords(area, cpu, page, { time, latest: before ?? LATEST, last });
    const flag = mark && losesEvents(page) ? BigInt(RB_MISSED_EVENTS) : 0n;
    area.setU64(page.offset, time);
    area.setLong(page.offset + COMMIT_OFFSET, BigInt(end - area.headerSize) | flag);
    // Two of the same time might be taken for one and its copy.
    earliest = endTime > time ? endTime : time + 1n;
  }
}

/** A time stamp of 0 is none, but where the trace begins with the boot. */
function earliestOf(kept: readonly SubbufReading[]): bigint {
  return kept[0]?.time === 0n && kept[0].timeExact ? 0n : 1n;
}

/**
 * Of each page, when it begins at the latest: before the next whose time is exact, and each estimate before the next. Where
 * two exact times leave no room for the estimates between them, the earlier one makes it; before an exact time at which the clock
 * had hardly begun, the later one does.
 */
function latestTimes(kept: readonly SubbufReading[]): bigint[] {
  const latest = new Array<bigint>(kept.length);
  const earliest = earliestOf(kept);
  let next = LATEST;
  let beforeOwn = true;
  let estimates = kept.filter(isEstimated).length;
  for (let i = kept.length - 1; i >= 0; i--) {
    const { time } = kept[i]!.stretches[0]!;
    const isEstimate = isEstimated(kept[i]!);
    if (isEstimate) estimates--;
    const most: bigint = isEstimate || !beforeOwn ? next - 1n : next;
    // A time that is moved is no more exact than an estimate is.
    beforeOwn = !isEstimate && most >= time;
    next = beforeOwn ? time : most;
    // Each estimate has a time of its own.
    const least = earliest + BigInt(estimates);
    if (next < least) next = least;
    latest[i] = next;
  }
  return latest;
}

function isEstimated({ stretches }: SubbufReading): boolean {
  return stretches[0]!.bounds !== undefined;
}

function between(time: bigint, low: bigint, high: bigint): bigint {
  const least = time < low ? low : time;
  return least < high ? least : high;
}

/** Events are lost before it or in it. */
export function losesEvents({ lostBefore, lostInside }: SubbufReading): boolean {
  return lostBefore || lostInside > 0;
}

/** What a sub-buffer is written for. */
interface Place {
  readonly time: bigint;
  /** None of its events is later. */
  readonly latest: bigint;
  /** The writer is on it: it may end anywhere. */
  readonly last: boolean;
}

/** Gives where the records end, and when. */
function writeRecords(
  area: Area,
  cpu: CpuArea,
  page: SubbufReading,
  { time, latest, last }: Place,
): { readonly end: number; readonly endTime: bigint } {
  const { offset, records, inOnePiece, stretches } = page;
  const asItIs = inOnePiece && (time === page.header.timeStamp || records.timeStamps === 0);
  const endTime = asItIs ? leadsTo(area, page, time) : undefined;
  if (endTime !== undefined && endTime <= latest) {
    // Before the last, a sub-buffer that is not full is looked at as a whole: what it is cut off from would be found again.
    if (!records.full && !last) area.bytes.zero(offset + records.end, offset + cpu.subbufSize);
    return { end: records.end, endTime };
  }
  const bytes = area.bytes.read(offset, cpu.subbufSize).slice();
  const written = writeTorn(bytes, area, stretches, { time, latest });
  area.bytes.write(offset, bytes);
  return written;
}

/**
 * The time that its records lead to, with times behind the last event, which kernels follow as well; undefined where they lead
 * beyond 64 bits.
 */
function leadsTo(area: Area, { offset, records, repairs }: SubbufReading, time: bigint): bigint | undefined {
  if (repairs.length === 0 && records.timeExtends === 0 && records.timeStamps === 0)
    return time + BigInt(Math.trunc(records.last));
  const bytes = area.bytes.look(offset, records.end);
  const cursor = new RecordCursor(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), area.abi.littleEndian);
  cursor.openAt(records.start, records.end, time);
  while (cursor.next());
  const end = cursor.time();
  return end < time ? undefined : end;
}

/**
 * Gives each sub-buffer its id, by its index, the kept ones first. The oldest becomes the reader page only where all are
 * needed.
 */
export function placeSubbufs({ cpu, subbufs }: CpuReading, kept: readonly SubbufReading[]): Int32Array {
  const ids = new Int32Array(cpu.nrSubbufs);
  let id = kept.length === cpu.nrSubbufs ? 0 : 1;
  for (const page of kept) ids[page.index] = id++;
  let spare = 0;
  for (const page of subbufs) if (!page.believed) ids[page.index] = spare++ === 0 ? 0 : id++;
  return ids;
}
