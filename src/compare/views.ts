import type { Sequence } from "../ground/sequence.js";
import type { Image } from "../image/image.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import type { Kernel } from "../kernel/versions/kernel.js";
import type { SubbufRole } from "../reading/summary.js";
import { explainIds, type IdOrder } from "./id-order.js";
import { type LateExample, type ViewPage, ViewTable } from "./view-table.js";

export type { LateExample, ViewPage } from "./view-table.js";

/** Sub-buffers that follow one another in the kernel's order, by id and by place, and are alike. */
export interface ViewRun {
  readonly first: ViewPage;
  readonly count: number;
  /** All that one of them has. */
  readonly roles: ReadonlySet<SubbufRole>;
  readonly events: number;
  /** How many of them a program reading ids upwards gets after newer ones. */
  readonly late: number;
  /** The first time in the first of them that has events, and the last in the last. */
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

export interface Views {
  readonly cpu: number;
  /** In the kernel's order; then what it does not read, by id. */
  readonly pages: Sequence<ViewPage>;
  readonly runs: readonly ViewRun[];
  readonly ids: IdOrder;
  readonly unreadEvents: number;
  /** Unread events that a program reading ids upwards gets after newer ones. */
  readonly lateEvents: number;
  readonly latePages: number;
  /** The first of them that such a program meets, and the newer sub-buffer that it has met before. */
  readonly firstLate: LateExample | undefined;
  /** Events on stale pages, which it would take for unread. */
  readonly consumedEvents: number;
  readonly consumedPages: number;
  readonly residuePages: number;
  readonly droppedPages: number;
  /** Live sub-buffers that say events were lost before them: the user meta page has one count for the reader only. */
  readonly lostPlaces: number;
  readonly lostCount: bigint;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  readonly differs: boolean;
}

/** Both views of one CPU's buffer. */
export function views(image: Image, cpu: CpuBuffer, kernel: Kernel): Views {
  const table = new ViewTable(image, cpu, kernel);
  const ids = explainIds(table.userIdByKernelId());
  const runs = new Runs();
  const sums = {
    unreadEvents: 0,
    lateEvents: 0,
    latePages: 0,
    consumedEvents: 0,
    consumedPages: 0,
    residuePages: 0,
    droppedPages: 0,
    lostPlaces: 0,
  };
  let lostCount = 0n;
  let firstTime: bigint | undefined;
  let lastTime: bigint | undefined;
  for (const page of table.pages) {
    runs.add(page);
    if (page.state === "unread") {
      sums.unreadEvents += page.events;
      if (page.late) {
        sums.lateEvents += page.events;
        sums.latePages++;
      }
      if (page.firstTime !== undefined && (firstTime === undefined || page.firstTime < firstTime))
        firstTime = page.firstTime;
      if (page.lastTime !== undefined && (lastTime === undefined || page.lastTime > lastTime)) lastTime = page.lastTime;
    } else if (page.state === "consumed") {
      sums.consumedEvents += page.events;
      sums.consumedPages++;
    } else if (page.state === "dropped") sums.droppedPages++;
    if (page.residue) sums.residuePages++;
    if (page.missedEvents && page.kernelOrder !== undefined) {
      sums.lostPlaces++;
      lostCount += page.missedCount ?? 0n;
    }
  }
  return {
    cpu: cpu.cpu,
    pages: table.pages,
    runs: runs.all,
    ids,
    ...sums,
    firstLate: table.firstLate,
    lostCount,
    firstTime,
    lastTime,
    differs: ids.moved > 0 || sums.latePages > 0 || sums.consumedPages > 0,
  };
}

/** Puts sub-buffers into runs as they come. */
class Runs {
  readonly all: ViewRun[] = [];
  private last: ViewPage | undefined;

  add(page: ViewPage): void {
    const late = page.late && page.state === "unread" ? 1 : 0;
    if (this.last === undefined || !follows(this.last, page)) {
      const { events, firstTime, lastTime } = page;
      this.all.push({ first: page, count: 1, roles: new Set(page.roles), events, late, firstTime, lastTime });
    } else {
      const run = this.all.pop()!;
      this.all.push({
        first: run.first,
        count: run.count + 1,
        roles: page.roles[0] === "ring" ? run.roles : new Set([...run.roles, ...page.roles]),
        events: run.events + page.events,
        late: run.late + late,
        firstTime: run.firstTime ?? page.firstTime,
        lastTime: page.lastTime ?? run.lastTime,
      });
    }
    this.last = page;
  }
}

/** Consecutive in the kernel's order, in ids and in place, and alike. */
function follows(last: ViewPage, page: ViewPage): boolean {
  const plain = page.roles[0] === "ring" || page.roles[0] === "commit";
  return (
    plain &&
    last.roles[0] !== "reader" &&
    last.state === page.state &&
    (last.kernelOrder === undefined) === (page.kernelOrder === undefined) &&
    last.kernelId + 1 === page.kernelId &&
    last.userId + 1 === page.userId
  );
}
