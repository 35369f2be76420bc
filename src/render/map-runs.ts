import type { MapPage } from "../report/mapped-cpu.js";

/** Sub-buffers that lie, are numbered and are read one behind the other, and are of one state. */
export interface MapRun {
  readonly first: MapPage;
  readonly last: MapPage;
  readonly count: number;
  readonly events: number;
}

/** A mapping of more sub-buffers is shown in runs. */
export const MOST_LISTED = 256;

export function runsOf(pages: Iterable<MapPage>): MapRun[] {
  const runs: { first: MapPage; last: MapPage; count: number; events: number }[] = [];
  for (const page of pages) {
    const run = runs.at(-1);
    if (run === undefined || !follows(run.last, page)) {
      runs.push(runOf(page));
      continue;
    }
    run.last = page;
    run.count++;
    run.events += page.events;
  }
  return runs;
}

/** A run of its own. */
export const runOf = (page: MapPage) => ({ first: page, last: page, count: 1, events: page.events });

function follows(last: MapPage, page: MapPage): boolean {
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
