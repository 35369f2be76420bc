import { type Abi, subbufHeaderSize } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import type { Source } from "../input/source.js";
import { Window } from "../input/window.js";
import { behindReader } from "../reading/behind-reader.js";
import { type CpuReading, shownSubbufs } from "../reading/cpu-reading.js";
import type { Stretch } from "../reading/stretch.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../ring/structs.js";
import type { EventPage, EventPages } from "./page.js";

/** What all CPUs together may read ahead, and one of them. */
const READ_AHEAD = 4 * 1024 * 1024;
const MAX_AHEAD = 64 * 1024;

function windowOf({ source, layout }: Image): Window {
  return new Window(source, Math.min(MAX_AHEAD, Math.floor(READ_AHEAD / layout.nrCpus)));
}

/**
 * One CPU's sub-buffers as they are believed, oldest first, a torn one stretch by stretch. Each is read from the source
 * when it is its turn, and not kept.
 * @param gapBefore a sub-buffer before which events are taken for lost, though nothing in it says so
 */
function believedPages(
  image: Image,
  cpu: CpuArea,
  subbufs: readonly SubbufReading[],
  gapBefore?: SubbufReading,
): EventPages {
  // A whole image has one stretch a sub-buffer, and no list of its own.
  const torn = subbufs.some((subbuf) => !subbuf.inOnePiece && subbuf.stretches.length > 1);
  const places = torn
    ? subbufs.flatMap((subbuf) => subbuf.stretches.map((stretch, i) => ({ subbuf, stretch, first: i === 0 })))
    : undefined;
  return readingFrom(image, cpu, places?.length ?? subbufs.length, (position, from, again) => {
    const { subbuf, stretch, first } = places?.[position] ?? soundPlace(subbufs[position]!);
    const bytes = subbufBytes(image, cpu, subbuf.index, from);
    const page = stretchPage(image, bytes, { subbuf, stretch, first, position, again });
    return subbuf === gapBefore && page.start === page.dataStart ? { ...page, missed: true } : page;
  });
}

/** Which of an image's sub-buffers are read, and how. */
export interface PagesSpec {
  /** By the writer's pointers alone: nothing is mended, a bad record ends its page. */
  readonly strict?: boolean | undefined;
  /** With the events that a reader had taken before. */
  readonly consumed?: boolean | undefined;
  /** Events are lost also where a full ring has gone round behind a reader, which no mark says. */
  readonly gaps?: boolean | undefined;
}

/** The sub-buffers of each of these CPUs. */
export function imagePages(image: Image, readings: readonly CpuReading[], spec: PagesSpec = {}): EventPages[] {
  const { strict, consumed = false, gaps } = spec;
  return readings.map((reading) => {
    const { cpu } = reading;
    if (strict) return pointedPages(image, cpu);
    return believedPages(image, cpu, shownSubbufs(reading, consumed), gaps ? behindReader(reading) : undefined);
  });
}

/** Pages in an image. Every reader has a window of its own. */
function readingFrom(
  image: Image,
  cpu: CpuArea,
  count: number,
  page: (position: number, from: Pick<Source, "read">, again: EventPage["again"]) => EventPage,
): EventPages {
  const window = windowOf(image);
  // Who holds on to an event holds its page, and no more: the source's own blocks are hundreds of pages each. Most are asked for
  // one after the other.
  const alone = { read: (offset: number, length: number) => image.source.probe(offset, length) };
  let last: EventPage | undefined;
  const again = (position: number): EventPage => {
    if (last?.position !== position) last = page(position, alone, undefined);
    return last;
  };
  return {
    cpu: cpu.cpu,
    count,
    page: (position) => page(position, window, again),
    fork: () => readingFrom(image, cpu, count, page),
  };
}

/** A stretch of a sub-buffer, which is its first or not. */
interface Place {
  readonly subbuf: SubbufReading;
  readonly stretch: Stretch;
  readonly first: boolean;
}

function soundPlace(subbuf: SubbufReading): Place {
  return { subbuf, stretch: subbuf.stretches[0]!, first: true };
}

function stretchPage(
  image: Image,
  bytes: Bytes,
  { subbuf, stretch, first, position, again }: Place & Pick<EventPage, "position" | "again">,
): EventPage {
  const { start, end, time, bounds, doubts } = stretch;
  const missed = stretch.lostBefore || (first && subbuf.lostBefore);
  return {
    bytes,
    start,
    dataStart: image.subbufs.headerSize,
    size: end - start,
    capacity: image.subbufs.capacity,
    timeHi: Number(time >> 32n),
    timeLo: Number(time & 0xffff_ffffn),
    missed,
    missedCount: first && subbuf.lostCount !== undefined ? Number(subbuf.lostCount) : undefined,
    bounds,
    doubts: doubts.length === 0 ? undefined : new Map(doubts.map(({ offset, code }) => [offset, [code]])),
    index: subbuf.index,
    id: subbuf.id,
    position,
    again,
  };
}

/** One CPU's sub-buffers by the writer's pointers alone: the reader page, then from the head to the commit page. */
function pointedPages(image: Image, cpu: CpuArea): EventPages {
  return readingFrom(image, cpu, cpu.live.length, (position, from, again) => {
    const id = cpu.live[position]!;
    const index = cpu.indexById[id]!;
    return { ...pointedPage(subbufBytes(image, cpu, index, from), cpu.subbufSize), index, id, position, again };
  });
}

/** Reads a sub-buffer's header. A commit that cannot be stands for all of the page: what is readable in it is read. */
function pointedPage(bytes: Bytes, subbufSize: number): Omit<EventPage, "index" | "id" | "position" | "again"> {
  const { view, abi } = bytes;
  const { littleEndian, longSize } = abi;
  const start = subbufHeaderSize(abi);
  const room = Math.max(0, Math.min(subbufSize, bytes.length) - start);
  if (bytes.length < start) return { ...NOTHING, bytes };
  const timeHi = view.getUint32(littleEndian ? 4 : 0, littleEndian);
  const timeLo = view.getUint32(littleEndian ? 0 : 4, littleEndian);
  const commit = view.getUint32(longSize === 8 && !littleEndian ? 12 : 8, littleEndian);
  const stated = (commit & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  const missed = (commit & RB_MISSED_EVENTS) !== 0;
  const stored = missed && (commit & RB_MISSED_STORED) !== 0 && stated + longSize <= room;
  return {
    bytes,
    start,
    dataStart: start,
    size: Math.min(stated, room),
    capacity: subbufSize - start,
    timeHi,
    timeLo,
    missed,
    missedCount: stored ? storedCount(view, start + stated, abi) : undefined,
  };
}

function storedCount(view: DataView, at: number, { littleEndian, longSize }: Abi): number {
  return longSize === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
}

const NOTHING = { start: 0, dataStart: 0, size: 0, capacity: 0, timeHi: 0, timeLo: 0, missed: false };
