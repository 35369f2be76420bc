import { type Image, subbufBytes } from "../image/image.js";
import { RecordCursor, RecordKind } from "../ring/records.js";
import type { CpuReading } from "./cpu-reading.js";
import { type ForeignData, foreignData } from "./foreign.js";
import { isZero, LINE, lineOf } from "./resync/words.js";
import type { Stretch } from "./stretch.js";
import type { SubbufReading } from "./subbuf-reading.js";

/** What the bytes that are not believed look like. */
export type TornKind =
  /** Cache lines that were not written back: they hold an older moment. */
  | "stale-lines"
  /** Cache lines of zeros. */
  | "zeroed-lines"
  /** One bit makes the difference. */
  | "single-bits"
  /** A longer range is something else's, nobody can say whose. */
  | "overwritten"
  /** A longer range holds other data, which say what they are. */
  | "foreign-data"
  /** Sub-buffers behind the end of a file that was cut short. */
  | "cut-off"
  | "unclear";

/** Places of one kind. */
export interface TornPlaces {
  readonly kind: TornKind;
  readonly places: number;
  /** Bytes in them that are not believed. */
  readonly bytes: number;
  /** What foreign data are. */
  readonly holds: readonly ForeignData[];
}

/** What of an image's memory did not survive, and what is read of it all the same. */
export interface TornSummary {
  /** Most frequent first. */
  readonly kinds: readonly TornPlaces[];
  /** Bytes of the cache lines that are lost together, where that can be told. */
  readonly lineSize: 64 | 128 | undefined;
  /** Believed events after a break, with a doubt, with a time that is known within bounds only. */
  readonly behindBreaks: number;
  readonly doubted: number;
  readonly bounded: number;
  /** Bytes that are not believed, and about how many events had room in them. */
  readonly lostBytes: number;
  readonly lostEvents: number;
}

/** From here on it is a range, not lines. */
const RANGE = 8 * LINE;
/** Where lines are lost in pairs, most breaks are at the first of two. */
const EVEN = 0.72;
const MIN_PLACES = 16;
/** Records in front of a break that are sure to reach up to the first line of it. */
const SOUND = 3 * LINE;

/** Looks at every place where belief ends; undefined where all of the image is whole. */
export function tornSummary(image: Image, cpus: readonly CpuReading[]): TornSummary | undefined {
  const torn = cpus.flatMap(({ cpu, subbufs }) => [...subbufs.filter(isTorn)].map((subbuf) => ({ cpu, subbuf })));
  const cut = cutPlaces(cpus);
  if (torn.length === 0 && cut === undefined) return undefined;
  const { headerSize, capacity } = image.subbufs;
  const { littleEndian } = image.layout.abi;
  const shapes = new Shapes(littleEndian);
  for (const { cpu, unread } of cpus)
    for (const { index, stretches } of unread) shapes.learn(subbufBytes(image, cpu, index).view, stretches);
  const kinds = new Map<TornKind, { places: number; bytes: number; holds: ForeignData[] }>();
  if (cut !== undefined) kinds.set("cut-off", cut);
  let lines = 0;
  let even = 0;
  for (const { cpu, subbuf } of torn) {
    const { view } = subbufBytes(image, cpu, subbuf.index);
    const { header, stretches } = subbuf;
    const committed = header.size > 0 && header.size <= capacity ? headerSize + header.size : view.byteLength;
    for (const gap of breaksOf(stretches, headerSize, Math.min(committed, view.byteLength))) {
      const { kind, holds } = kindOf(view, gap, shapes);
      const sum = kinds.get(kind) ?? { places: 0, bytes: 0, holds: [] };
      kinds.set(kind, sum);
      sum.places++;
      sum.bytes += gap.end - gap.start;
      if (holds !== undefined && !sum.holds.includes(holds)) sum.holds.push(holds);
      if (kind === "single-bits" || gap.end - gap.start >= RANGE || !gap.behindSound) continue;
      lines++;
      if (lineOf(gap.start === gap.from ? gap.start : gap.start - 1) % 2 === 0) even++;
    }
  }
  const sumOf = (count: (stretches: readonly Stretch[]) => number): number =>
    torn.reduce((sum, { subbuf }) => sum + count(subbuf.stretches), 0);
  const events = cpus.reduce((sum, { unread }) => sum + unread.reduce((n, { records }) => n + records.events, 0), 0);
  const lostBytes = [...kinds.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    kinds: [...kinds].map(([kind, sum]) => ({ kind, ...sum })).sort((a, b) => b.places - a.places),
    lineSize: lines < MIN_PLACES ? undefined : even >= EVEN * lines ? 128 : 64,
    behindBreaks: sumOf((stretches) => eventsOf(stretches.slice(firstBreak(stretches)))),
    doubted: sumOf((stretches) => stretches.reduce((sum, { doubts }) => sum + doubts.length, 0)),
    bounded: cpus.reduce(
      (sum, { unread }) => sum + unread.reduce((n, { stretches }) => n + boundedOf(stretches), 0),
      0,
    ),
    lostBytes,
    lostEvents: shapes.bytes === 0 ? 0 : Math.round((lostBytes * events) / shapes.bytes),
  };
}

/** A sub-buffer of which some bytes are not its own. */
export function isTorn({ state, repairs, evidence, cutOff }: SubbufReading): boolean {
  return repairs.includes("resynchronised") || (state === "lost" && evidence === "no-records" && !cutOff);
}

function eventsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { events }) => sum + events, 0);
}

function boundedOf(stretches: readonly Stretch[]): number {
  return eventsOf(stretches.filter(({ bounds }) => bounds !== undefined));
}

function firstBreak(stretches: readonly Stretch[]): number {
  const first = stretches.findIndex(({ lostBefore }) => lostBefore);
  return first < 0 ? stretches.length : first;
}

interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Bytes that are not believed. */
interface Break extends Gap {
  /** Where the record in front of it begins, if that one may reach into it. */
  readonly from: number;
  /** There are records enough in front of it. */
  readonly behindSound: boolean;
}

function* breaksOf(stretches: readonly Stretch[], first: number, end: number): Generator<Break> {
  let start = first;
  let from = first;
  let behindSound = false;
  for (const stretch of stretches) {
    if (stretch.start > start) yield { from, start, end: stretch.start, behindSound };
    const tail = stretch.doubts.at(-1);
    // Within lines that are lost, some bytes look like records.
    behindSound = (behindSound && stretch.start === start) || stretch.end - stretch.start >= SOUND;
    start = stretch.end;
    from = tail?.code === "line-border" ? tail.offset : start;
  }
  if (start < end) yield { from, start, end, behindSound };
}

/** Sub-buffers that the file lacks, in whole or in part. */
function cutPlaces(cpus: readonly CpuReading[]) {
  const missing = cpus.flatMap(({ cpu, subbufs }) =>
    [...subbufs.filter(({ cutOff }) => cutOff)].map(({ offset }) => ({ offset, end: offset + cpu.subbufSize })),
  );
  if (missing.length === 0) return undefined;
  return { places: missing.length, bytes: missing.reduce((sum, { offset, end }) => sum + end - offset, 0), holds: [] };
}

interface Looks {
  readonly kind: TornKind;
  readonly holds?: ForeignData;
}

function kindOf(view: DataView, gap: Break, shapes: Shapes): Looks {
  if (gap.end - gap.start < RANGE) return { kind: placeKind(view, gap, shapes) };
  if (isZero(view, gap.start, gap.end)) return { kind: "zeroed-lines" };
  const holds = foreignData(view, gap.start, gap.end);
  return holds === undefined ? { kind: "overwritten" } : { kind: "foreign-data", holds };
}

function placeKind(view: DataView, gap: Break, shapes: Shapes): TornKind {
  if (shapes.almostFits(view, gap)) return "single-bits";
  const reach = { start: gap.from, end: gap.end };
  if (wholeLines(reach, LINE) === 0) return "unclear";
  for (let at = Math.ceil(gap.from / LINE) * LINE; at + LINE <= gap.end; at += LINE)
    if (isZero(view, at, at + LINE)) return "zeroed-lines";
  return "stale-lines";
}

/** How many aligned blocks of `size` bytes lie in a gap. */
function wholeLines({ start, end }: Gap, size: number): number {
  return Math.max(0, Math.floor(end / size) - Math.ceil(start / size));
}

/** What the believed events of an image are like: their ids with their lengths, and their pids. */
class Shapes {
  /** Of all believed events. */
  bytes = 0;
  private readonly lengths = new Set<number>();
  private readonly pids = new Set<number>();

  constructor(private readonly littleEndian: boolean) {}

  learn(view: DataView, stretches: readonly Stretch[]): void {
    const cursor = new RecordCursor(view, this.littleEndian);
    for (const { start, end } of stretches) {
      this.bytes += end - start;
      cursor.open(start, end, 0, 0);
      while (cursor.next()) {
        if (cursor.kind !== RecordKind.Data || cursor.dataLength < HEAD) continue;
        this.lengths.add(this.shape(view, cursor));
        this.pids.add(view.getInt32(cursor.dataOffset + 4, this.littleEndian));
      }
    }
  }

  /** Whether the gap would be one event such as others are, were one bit of its first words another. */
  almostFits(view: DataView, { start, end }: Gap): boolean {
    const size = Math.min(end - start, FIRST_WORDS);
    if (size < HEAD + 4) return false;
    const copy = new DataView(view.buffer.slice(view.byteOffset + start, view.byteOffset + end));
    const cursor = new RecordCursor(copy, this.littleEndian);
    if (this.fits(copy, cursor)) return true;
    for (let bit = 0; bit < 8 * size; bit++) {
      const at = bit >> 3;
      const was = copy.getUint8(at);
      copy.setUint8(at, was ^ (1 << (bit & 7)));
      const fits = this.fits(copy, cursor);
      copy.setUint8(at, was);
      if (fits) return true;
    }
    return false;
  }

  private fits(view: DataView, cursor: RecordCursor): boolean {
    cursor.open(0, view.byteLength, 0, 0);
    if (!cursor.next() || cursor.kind !== RecordKind.Data || cursor.position !== view.byteLength) return false;
    if (cursor.dataLength < HEAD || !this.lengths.has(this.shape(view, cursor))) return false;
    return this.pids.has(view.getInt32(cursor.dataOffset + 4, this.littleEndian));
  }

  private shape(view: DataView, { dataOffset, dataLength }: RecordCursor): number {
    return view.getUint16(dataOffset, this.littleEndian) * 0x10000 + dataLength;
  }
}

/** Bytes of an event's common fields; of those and the longest header. */
const HEAD = 8;
const FIRST_WORDS = 16;
