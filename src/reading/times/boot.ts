import type { Sequence } from "../../ground/sequence.js";
import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufBytes } from "../../image/image.js";
import { RecordCursor } from "../../ring/records.js";
import type { Candidate } from "../subbuf-reading.js";
import { isCandidate } from "./candidates.js";

/** What a jiffy is a multiple of, in nanoseconds: 1000000000 / HZ for 100, 250 and 1000, and for 300. */
const JIFFY = [1_000_000, 3_333_333];

/**
 * A time stamp of 0 is one that was lost, but where the trace begins with the boot: until the TSC is calibrated, the clock is
 * (jiffies_64 - INITIAL_JIFFIES) * (1000000000 / HZ) (native_sched_clock(), arch/x86/kernel/tsc.c, 6.12 to 7.3), and begins
 * with 0. The times of the oldest page's events tell: they come in whole jiffies.
 * @param placed in the writer's order
 */
export function believeBoot(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): void {
  for (const page of placed) {
    if (!isCandidate(page)) continue;
    if (page.header.timeStamp === 0n && !page.torn && beginsInJiffies(image, cpu, page)) page.anchored = true;
    return;
  }
}

/** By the first time that is not the page's own: hardly any other is such a number. */
function beginsInJiffies(image: Image, cpu: CpuArea, page: Candidate): boolean {
  return jiffiesCounted(image, cpu, page) > 0;
}

/**
 * Notes whether the clock went back in the oldest page, which is why it ends later than the next one begins. The TSC's time begins with
 * 0, so it went back by no more than the jiffies that the page's first times count. All times behind that are late by as much: of a
 * clock that goes back a record tells that no time passed (rb_add_timestamp(), kernel/trace/ring_buffer.c, 6.12 to 7.3).
 * @param order oldest first
 */
export function noteWentBack(image: Image, cpu: CpuArea, [page, next]: readonly Candidate[]): void {
  if (page === undefined || next === undefined || page.end <= next.time) return;
  if (page.header.timeStamp !== 0n || !page.anchored || page.torn || !next.anchored) return;
  page.wentBack = page.end - next.time <= BigInt(jiffiesCounted(image, cpu, page));
}

/** The last of the times, from a page's first on, that are whole jiffies. */
function jiffiesCounted(image: Image, cpu: CpuArea, { index, records }: Candidate): number {
  const { view, abi } = subbufBytes(image, cpu, index);
  const cursor = new RecordCursor(view, abi.littleEndian);
  cursor.open(records.start, records.end, 0, 0);
  let counted = 0;
  while (cursor.next()) {
    const since = cursor.timeSince(0, 0);
    if (!JIFFY.some((jiffy) => since % jiffy === 0)) break;
    counted = since;
  }
  return counted;
}
