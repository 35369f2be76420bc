import type { Image } from "../image/image.js";
import type { BufferPage, CpuBuffer } from "../kernel/ring.js";
import type { SubbufRole } from "../reading/summary.js";
import type { Mapping } from "./mapping.js";
import { scanPage } from "./state.js";

/** What the kernel holds a sub-buffer for: unread, already read (or never written), or thrown out at boot. */
export type PageState = "unread" | "consumed" | "empty" | "dropped";

/** One sub-buffer of a mapping, under all its numbers. */
export interface LayoutPage {
  /** What a program calls it: its place in the mapping. For a persistent buffer the physical index. */
  readonly userId: number;
  /** bpage->id: the position in buffers[]. */
  readonly kernelId: number;
  /** What the id would be in an ordinary buffer in the same state. */
  readonly ordinaryId: number;
  readonly roles: readonly SubbufRole[];
  readonly state: PageState;
  /** The kernel's reading order, from 0; undefined for what it would not read. */
  readonly readingOrder: number | undefined;
  readonly mapOffset: number;
  /** Where it lies in the image. */
  readonly offset: number;
  readonly timeStamp: bigint;
  readonly commit: bigint;
  readonly size: number;
  readonly missedEvents: boolean;
  readonly events: number;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

/** The kernel's roles of a page. */
export function rolesOfPage(cpu: CpuBuffer, page: BufferPage): SubbufRole[] {
  const roles: SubbufRole[] = [];
  if (page === cpu.readerPage) roles.push("reader");
  if (page === cpu.headPage) roles.push("head");
  if (page === cpu.commitPage) roles.push("commit");
  return roles.length > 0 ? roles : ["ring"];
}

/** The pages that the kernel would read, in its order: the reader page, then from the head to the commit page. */
export function readingOrder(cpu: CpuBuffer): BufferPage[] {
  const order = [cpu.readerPage];
  if (cpu.commitPage === cpu.readerPage || cpu.numOfEntries() === 0) return order;
  let page = cpu.setHeadPage();
  for (let step = 0; page && step < cpu.nrPages; step++) {
    order.push(page);
    if (page === cpu.commitPage) break;
    page = page.next;
  }
  return order;
}

/** Every sub-buffer in the order of the mapping. */
export function layoutPages(image: Image, mapping: Mapping): LayoutPage[] {
  const { cpu } = mapping;
  const order = new Map(readingOrder(cpu).map((page, position) => [page, position] as const));
  const ids = new Map(mapping.idsAtMap.map((entry) => [entry.page, entry] as const));
  return mapping.subbufIds.map((page, userId) => {
    const scan = scanPage(image, page);
    const position = order.get(page);
    const { size, missedEvents, commit, timeStamp } = scan.header;
    let state: PageState;
    if (size === 0 && missedEvents) state = "dropped";
    else if (size === 0 && timeStamp === 0n) state = "empty";
    else if (position !== undefined) state = size > 0 ? "unread" : "empty";
    else state = "consumed";
    return {
      userId,
      kernelId: page.id,
      ordinaryId: ids.get(page)?.ordinary ?? -1,
      roles: rolesOfPage(cpu, page),
      state,
      readingOrder: position,
      mapOffset: mapping.metaPageSize + userId * mapping.subbufSize,
      offset: page.offset,
      timeStamp,
      commit,
      size,
      missedEvents,
      events: scan.events,
      firstTime: scan.firstTime,
      lastTime: scan.lastTime,
    };
  });
}
