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
function beginsInJiffies(image: Image, cpu: CpuArea, { index, records }: Candidate): boolean {
  const { view, abi } = subbufBytes(image, cpu, index);
  const cursor = new RecordCursor(view, abi.littleEndian);
  cursor.open(records.start, records.end, 0, 0);
  while (cursor.next()) {
    const since = cursor.timeSince(0, 0);
    if (since > 0) return JIFFY.some((jiffy) => since % jiffy === 0);
  }
  return false;
}
