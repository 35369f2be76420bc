import { Sequence } from "../ground/sequence.js";
import type { Image } from "../image/image.js";
import type { BufferPage } from "../kernel/buffer-page.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import type { SubbufRole } from "../reading/summary.js";
import type { Mapping } from "./mapping.js";
import { pageIds } from "./page-id.js";
import { PageScans } from "./page-scans.js";

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
export function rolesOfPage(
  { readerPage, headPage, commitPage }: Pick<CpuBuffer, "readerPage" | "headPage" | "commitPage">,
  page: BufferPage,
): SubbufRole[] {
  const roles: SubbufRole[] = [];
  if (page.is(readerPage)) roles.push("reader");
  if (page.is(headPage)) roles.push("head");
  if (page.is(commitPage)) roles.push("commit");
  return roles.length > 0 ? roles : ["ring"];
}

/** How many sub-buffers the kernel would read: the reader page, then from the head to the commit page. */
export function readingLength(cpu: CpuBuffer): number {
  if (cpu.readerPage.is(cpu.commitPage) || cpu.numOfEntries() === 0) return 1;
  let length = 1;
  let page = cpu.setHeadPage();
  for (let step = 0; page && step < cpu.nrPages; step++) {
    length++;
    if (page.is(cpu.commitPage)) break;
    page = page.next;
  }
  return length;
}

/** Every sub-buffer in the order of the mapping, as they are now. */
export function layoutPages(image: Image, mapping: Mapping): Sequence<LayoutPage> {
  const { cpu, subbufIds, metaPageSize, subbufSize } = mapping;
  const { readerPage, headPage, commitPage } = cpu;
  const roles = (page: BufferPage) => rolesOfPage({ readerPage, headPage, commitPage }, page);
  const scans = new PageScans(image, cpu.all, subbufIds);
  const kernelIds = subbufIds.map((slot) => cpu.all.id[slot]!);
  // The ring is read in the order in which its ids are set up.
  const now = pageIds(cpu, () => 0);
  const orders = placesIn(cpu, subbufIds, now.slots);
  const readingEnd = readingLength(cpu);
  const ordinary = placesIn(cpu, subbufIds, mapping.idsAtMap.slots);
  return new Sequence(subbufIds.length, (userId) => {
    const page = cpu.all.at(subbufIds[userId]!);
    const { size, missedEvents, commit, timeStamp } = scans.header(userId);
    const order = orders[userId]!;
    const readingOrder = order >= 0 && order < readingEnd ? order : undefined;
    let state: PageState;
    if (size === 0 && missedEvents) state = "dropped";
    else if (size === 0 && timeStamp === 0n) state = "empty";
    else if (readingOrder !== undefined) state = size > 0 ? "unread" : "empty";
    else state = "consumed";
    return {
      userId,
      kernelId: kernelIds[userId]!,
      ordinaryId: ordinary[userId]!,
      roles: roles(page),
      state,
      readingOrder,
      mapOffset: metaPageSize + userId * subbufSize,
      offset: page.offset,
      timeStamp,
      commit,
      size,
      missedEvents,
      events: scans.events(userId),
      firstTime: scans.firstTime(userId),
      lastTime: scans.lastTime(userId),
    };
  });
}

/** Where each page of one list stands in another; -1 where it does not. */
function placesIn({ all }: CpuBuffer, slots: Int32Array, others: Int32Array): Int32Array {
  const places = new Int32Array(all.count).fill(-1);
  for (let place = 0; place < others.length; place++) places[others[place]!] = place;
  return slots.map((slot) => places[slot]!);
}
