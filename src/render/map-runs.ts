import type { MmapCpuReport } from "../report/mmap-layout.js";

type Page = MmapCpuReport["pages"][number];

/** Sub-buffers that lie, are numbered and are read one behind the other, and are of one state. */
export interface MapRun {
  readonly first: Page;
  readonly last: Page;
  readonly count: number;
  readonly events: number;
}

/** A mapping of more sub-buffers is shown in runs. */
export const MOST_LISTED = 256;

/** @param listed every sub-buffer is a run of its own */
export function runsOf(pages: readonly Page[], listed: boolean): MapRun[] {
  const runs: MapRun[] = [];
  for (const page of pages) {
    const run = runs.at(-1);
    if (run === undefined || listed || !follows(run.last, page)) {
      runs.push({ first: page, last: page, count: 1, events: page.events });
      continue;
    }
    runs[runs.length - 1] = { ...run, last: page, count: run.count + 1, events: run.events + page.events };
  }
  return runs;
}

function follows(last: Page, page: Page): boolean {
  return (
    page.userId === last.userId + 1 &&
    page.kernelId === last.kernelId + 1 &&
    page.ordinaryId === last.ordinaryId + 1 &&
    page.readingOrder === (last.readingOrder === null ? null : last.readingOrder + 1) &&
    page.state === last.state &&
    page.missedEvents === last.missedEvents &&
    page.roles.join() === last.roles.join()
  );
}

/** `28-61`: the numbers of a run. */
export const rangeOf = (first: number, count: number): string =>
  count === 1 ? `${first}` : `${first}-${first + count - 1}`;
