import type { Sequence } from "../../ground/sequence.js";
import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufBytes } from "../../image/image.js";
import { RecordCursor } from "../../ring/records.js";
import type { Candidate } from "../subbuf-reading.js";
import { isCandidate } from "./candidates.js";

/** What a jiffy is a multiple of, in nanoseconds: 1000000000 / HZ for 100, 250 and 1000, and for 300. */
const JIFFY = [1_000_000n, 3_333_333n];

/**
 * A time stamp of 0 is one that was lost, but where the trace begins with the boot: until the TSC is calibrated, the clock is
 * (jiffies_64 - INITIAL_JIFFIES) * (1000000000 / HZ) (native_sched_clock(), arch/x86/kernel/tsc.c, 6.12 to 7.3), and begins
 * with 0. The times of the oldest pages' events tell: they come in whole jiffies, or all at once, and filled the page. A clock that
 * ticks seldom (uptime) has such pages at any time: those behind tell.
 * @param placed in the writer's order
 */
export function believeBoot(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): void {
  const atOnce: Candidate[] = [];
  for (const page of placed) {
    if (!isCandidate(page)) continue;
    if (page.torn) break;
    if (page.header.timeStamp !== 0n) {
      if (ticksSeldom(page)) return;
      break;
    }
    const { counted, isAll } = jiffiesIn(image, cpu, page);
    if (counted > 0) page.anchored = true;
    else if (isAll && page.records.full) atOnce.push(page);
    else break;
  }
  for (const page of atOnce) page.anchored = true;
}

/** Several events have the same time, and it is none of a boot's jiffies. */
function ticksSeldom({ time, end, records }: Candidate): boolean {
  return !isInJiffies(time) && end - time < records.events - 1;
}

/**
 * Notes where the clock went back, which is why a page ends later than the next one begins. The TSC's time begins with 0, so it went
 * back by no more than the jiffies that it had counted. All times in the page behind that are late by as much: of a clock that goes
 * back a record tells that no time passed (rb_add_timestamp(), kernel/trace/ring_buffer.c, 6.12 to 7.3).
 * @param order oldest first
 */
export function noteWentBack(image: Image, cpu: CpuArea, order: readonly Candidate[]): void {
  if (order[0]?.header.timeStamp !== 0n) return;
  for (const [i, page] of order.entries()) {
    const next = order[i + 1];
    if (next === undefined || page.torn || !page.anchored || !next.anchored || !isInJiffies(page.time)) return;
    const { counted, isAll } = jiffiesIn(image, cpu, page);
    page.wentBack = page.end > next.time && page.end - next.time <= page.time + BigInt(counted);
    if (!isAll) return;
  }
}

function isInJiffies(time: bigint): boolean {
  return JIFFY.some((jiffy) => time % jiffy === 0n);
}

interface Jiffies {
  /** The last of a page's times, from its own on, that are whole jiffies. */
  readonly counted: number;
  /** All its times are. */
  readonly isAll: boolean;
}

/** Hardly any other times are such numbers. */
function jiffiesIn(image: Image, cpu: CpuArea, { index, records }: Candidate): Jiffies {
  const { view, abi } = subbufBytes(image, cpu, index);
  const cursor = new RecordCursor(view, abi.littleEndian);
  cursor.open(records.start, records.end, 0, 0);
  let counted = 0;
  while (cursor.next()) {
    const since = cursor.timeSince(0, 0);
    if (!isInJiffies(BigInt(since))) return { counted, isAll: false };
    counted = since;
  }
  return { counted, isAll: true };
}
