import type { Image } from "../image/image.js";
import { RingReader } from "../kernel/reader.js";
import type { BufferPage, CpuBuffer } from "../kernel/ring.js";
import type { Kernel } from "../kernel/versions/kernel.js";
import type { SubbufRole } from "../reading/summary.js";
import { readingOrder, rolesOfPage } from "../user/layout.js";
import { pageIds } from "../user/page-id.js";
import { pageBytes, scanPage } from "../user/state.js";
import { explainIds, type IdOrder } from "./id-order.js";

/** What a program that reads sub-buffer 0, 1, 2, ... would make of a sub-buffer, beside what the kernel holds it for. */
export type ViewState =
  /** Unread events: both sides see them. */
  | "unread"
  /** A reader took it, its header is intact: a program would read it again. */
  | "consumed"
  /** Nothing is committed. */
  | "empty"
  /** Thrown out at boot; the mark of lost events is all that is left of it. */
  | "dropped";

/** One sub-buffer in both views. */
export interface ViewPage {
  readonly kernelId: number;
  readonly userId: number;
  readonly ordinaryId: number;
  readonly roles: readonly SubbufRole[];
  readonly state: ViewState;
  /** Its header is zeroed, or was never written; old bytes lie behind it. */
  readonly residue: boolean;
  /** When the kernel reads it, from 0; undefined: never. */
  readonly kernelOrder: number | undefined;
  /** When a program reading ids upwards meets it among the sub-buffers with committed data; undefined: it has none. */
  readonly naiveOrder: number | undefined;
  /** Such a program has met newer events before it. */
  readonly late: boolean;
  readonly offset: number;
  readonly size: number;
  readonly missedEvents: boolean;
  readonly missedCount: bigint | undefined;
  readonly events: number;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

/** Two sub-buffers in the wrong order. */
export interface LateExample {
  readonly userId: number;
  readonly firstTime: bigint | undefined;
  readonly afterUserId: number;
  readonly afterLastTime: bigint | undefined;
}

/** Sub-buffers that follow one another in the kernel's order, by id and by place. */
export interface ViewRun {
  readonly pages: readonly ViewPage[];
}

export interface Views {
  readonly cpu: number;
  /** In the kernel's order; then what it does not read, by id. */
  readonly pages: readonly ViewPage[];
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
  const looked = look(image, cpu, kernel);
  const met = readUpwards(looked);
  const pages = looked
    .map((one) => viewPage(image, cpu, one, met.get(one.page)))
    .sort((a, b) => (a.kernelOrder ?? Infinity) - (b.kernelOrder ?? Infinity) || a.kernelId - b.kernelId);

  const of = (choose: (page: ViewPage) => boolean) => pages.filter(choose);
  const events = (list: readonly ViewPage[]) => list.reduce((sum, page) => sum + page.events, 0);
  const live = of(({ state }) => state === "unread");
  const late = of(({ late: isLate, state }) => isLate && state === "unread");
  const stale = of(({ state }) => state === "consumed");
  const lost = of(({ missedEvents, kernelOrder }) => missedEvents && kernelOrder !== undefined);
  const idOrder = explainIds(
    pages
      .slice()
      .sort((a, b) => a.kernelId - b.kernelId)
      .map(({ userId }) => userId),
  );
  return {
    cpu: cpu.cpu,
    pages,
    runs: runsOf(pages),
    ids: idOrder,
    unreadEvents: events(live),
    lateEvents: events(late),
    latePages: late.length,
    firstLate: lateExample(pages),
    consumedEvents: events(stale),
    consumedPages: stale.length,
    residuePages: of(({ residue }) => residue).length,
    droppedPages: of(({ state }) => state === "dropped").length,
    lostPlaces: lost.length,
    lostCount: lost.reduce((sum, { missedCount }) => sum + (missedCount ?? 0n), 0n),
    firstTime: extreme(live, "firstTime", (a, b) => a < b),
    lastTime: extreme(live, "lastTime", (a, b) => a > b),
    differs: idOrder.moved > 0 || late.length > 0 || stale.length > 0,
  };
}

/** Every sub-buffer with its ids, what is on it, and when the kernel reads it. */
function look(image: Image, cpu: CpuBuffer, kernel: Kernel) {
  const reader = new RingReader(cpu, kernel.reading);
  const ids = pageIds(cpu, (page) => reader.subbufIndex(page));
  const order = new Map(readingOrder(cpu).map((page, position) => [page, position] as const));
  return ids.map((entry) => ({ ...entry, scan: scanPage(image, entry.page), order: order.get(entry.page) }));
}

type Looked = ReturnType<typeof look>[number];

interface Met {
  readonly position: number;
  readonly late: boolean;
}

/** What a program meets going upwards: every sub-buffer whose commit says that it has data. */
function readUpwards(looked: readonly Looked[]): Map<BufferPage, Met> {
  const met = new Map<BufferPage, Met>();
  let newest = -1;
  for (const { page, scan, order } of looked.slice().sort((a, b) => a.persistent - b.persistent)) {
    if (scan.header.size === 0) continue;
    met.set(page, { position: met.size, late: order !== undefined && order < newest });
    if (order !== undefined && scan.events > 0) newest = Math.max(newest, order);
  }
  return met;
}

function viewPage(image: Image, cpu: CpuBuffer, looked: Looked, met: Met | undefined): ViewPage {
  const { page, kernelId, persistent, ordinary, scan, order } = looked;
  const { size, missedEvents, missedCount } = scan.header;
  let state: ViewState;
  if (size > 0) state = order === undefined ? "consumed" : "unread";
  else if (missedEvents) state = "dropped";
  else state = "empty";
  return {
    kernelId,
    userId: persistent,
    ordinaryId: ordinary,
    roles: rolesOfPage(cpu, page),
    state,
    residue: state === "empty" && hasData(image, page),
    kernelOrder: order,
    naiveOrder: met?.position,
    late: met?.late ?? false,
    offset: page.offset,
    size,
    missedEvents,
    missedCount,
    events: scan.events,
    firstTime: scan.firstTime,
    lastTime: scan.lastTime,
  };
}

function lateExample(pages: readonly ViewPage[]): LateExample | undefined {
  const met = pages.filter(({ naiveOrder }) => naiveOrder !== undefined).sort((a, b) => a.naiveOrder! - b.naiveOrder!);
  let newest: ViewPage | undefined;
  for (const page of met) {
    if (page.kernelOrder === undefined || page.events === 0) continue;
    if (newest && page.kernelOrder < newest.kernelOrder!)
      return {
        userId: page.userId,
        firstTime: page.firstTime,
        afterUserId: newest.userId,
        afterLastTime: newest.lastTime,
      };
    newest = page;
  }
  return undefined;
}

/** Consecutive in the kernel's order, in ids and in place, and alike. */
function runsOf(pages: readonly ViewPage[]): ViewRun[] {
  const runs: { pages: ViewPage[] }[] = [];
  for (const page of pages) {
    const last = runs.at(-1)?.pages.at(-1);
    const plain = page.roles[0] === "ring" || page.roles[0] === "commit";
    const follows =
      last !== undefined &&
      plain &&
      last.roles[0] !== "reader" &&
      last.state === page.state &&
      (last.kernelOrder === undefined) === (page.kernelOrder === undefined) &&
      last.kernelId + 1 === page.kernelId &&
      last.userId + 1 === page.userId;
    if (follows) runs.at(-1)!.pages.push(page);
    else runs.push({ pages: [page] });
  }
  return runs;
}

function hasData(image: Image, page: BufferPage): boolean {
  return pageBytes(image, page)
    .u8.subarray(image.subbufs.headerSize)
    .some((byte) => byte !== 0);
}

function extreme(
  pages: readonly ViewPage[],
  field: "firstTime" | "lastTime",
  better: (a: bigint, b: bigint) => boolean,
): bigint | undefined {
  return pages.reduce<bigint | undefined>((best, page) => {
    const value = page[field];
    return value !== undefined && (best === undefined || better(value, best)) ? value : best;
  }, undefined);
}
