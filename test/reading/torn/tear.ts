/** Images whose memory did not survive whole, made from states of a real area; the last state is the truth. */
import { type Image, readImage } from "../../../src/image/image.js";
import { MemorySource } from "../../../src/input/source.js";
import { RecordCursor, RecordKind } from "../../../src/ring/records.js";
import { randomOf } from "../../support/random.js";

export const LINE = 64;
export type Model = "cache" | "lost" | "zero" | "decay" | "wipe";

export function open(bytes: Uint8Array): Image {
  return readImage(new MemorySource(bytes));
}

/** Tears the last of `states` (oldest first). `cache`: each line is older by a state with this probability, again and again. */
export function tear(
  states: readonly Uint8Array[],
  seed: number,
  model: Model,
  amount: number,
  spareMeta = true,
  line = LINE,
): Uint8Array {
  const random = randomOf(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const last = states.at(-1)!;
  const torn = last.slice();
  const image = open(last);
  const { subbufSize, nrSubbufs } = image.layout.geometry;
  const data = (at: number): boolean =>
    image.cpus.some(({ subbufsOffset }) => at >= subbufsOffset && at < subbufsOffset + subbufSize * nrSubbufs);
  for (let at = 0; at + line <= last.length && model !== "wipe"; at += line) {
    if (spareMeta && !data(at)) continue;
    if (model === "cache") {
      let k = states.length - 1;
      while (k > 0 && random() < amount) k--;
      torn.set(states[k]!.subarray(at, at + line), at);
    } else if (model === "lost") {
      const first = states[0]!.subarray(at, at + line);
      if (first.some((byte, k) => byte !== last[at + k]) && random() < amount) torn.set(first, at);
    } else if (random() < amount) {
      if (model === "zero") torn.fill(0, at, at + line);
      else torn[at + below(line)]! ^= 1 << below(8);
    }
  }
  if (model === "wipe") {
    const start = image.cpus[0]!.subbufsOffset;
    for (let left = Math.floor(last.length * amount); left > 0; ) {
      const length = Math.min(left, [512, 4096, 16384, 65536][below(4)]!);
      const at = start + Math.floor(below(last.length - length - start) / 16) * 16;
      for (let k = 0; k < length; k++) torn[at + k] = below(256);
      left -= length;
    }
  }
  return torn;
}

/** A page of the last state that is not read yet. */
export interface TruePage {
  readonly cpu: number;
  readonly offset: number;
  /** In reading order, of its CPU. */
  readonly place: number;
}

/** The sub-buffers that a reader would read, in order, by CPU. */
export function unread(image: Image): TruePage[][] {
  const { subbufSize } = image.layout.geometry;
  return image.cpus.map(({ cpu, subbufsOffset, indexById, head, commit }) => {
    const ids = [0];
    if (head && commit && commit.id !== 0)
      for (let id = head.id; ids.length <= indexById.length; id = id + 1 < indexById.length ? id + 1 : 1) {
        if (id !== 0) ids.push(id);
        if (id === commit.id) break;
      }
    return ids.map((id, place) => ({ cpu, offset: subbufsOffset + indexById[id]! * subbufSize, place }));
  });
}

export interface TrueEvent {
  readonly offset: number;
  readonly length: number;
  readonly time: bigint;
}

/** The events of a sub-buffer, by its own header. */
export function eventsOf(image: Image, bytes: Uint8Array, page: TruePage): TrueEvent[] {
  const { abi, geometry } = image.layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset + page.offset, geometry.subbufSize);
  const { headerSize, capacity } = image.subbufs;
  const size = view.getUint32(abi.littleEndian || abi.longSize === 4 ? 8 : 12, abi.littleEndian) & 0x3fffffff;
  const cursor = new RecordCursor(view, abi.littleEndian);
  const [hi, lo] = [
    view.getUint32(abi.littleEndian ? 4 : 0, abi.littleEndian),
    view.getUint32(abi.littleEndian ? 0 : 4, abi.littleEndian),
  ];
  cursor.open(headerSize, headerSize + Math.min(size, capacity), hi, lo);
  const events: TrueEvent[] = [];
  while (cursor.next())
    if (cursor.kind === RecordKind.Data)
      events.push({ offset: page.offset + cursor.offset, length: cursor.length, time: cursor.time() });
  return events;
}

/** What a reader makes of an event. */
export interface ReadEvent {
  readonly offset: number;
  readonly time: bigint;
  readonly bounds?: readonly [bigint, bigint];
  readonly doubt?: string;
}

export interface Score {
  events: number;
  /** Events whose bytes are all there; events read; both; both under a doubt. */
  survive: number;
  read: number;
  hit: number;
  doubted: number;
  exact: number;
  bounded: number;
  within: number;
  wrongTime: number;
  /** Whole events of an older moment. */
  stale: number;
  /** True events with foreign bytes; what no moment ever held; without a doubt. */
  torn: number;
  tornSure: number;
  false: number;
  falseSure: number;
}

export function scoreOf(states: readonly Uint8Array[], torn: Uint8Array, read: readonly ReadEvent[]): Score {
  const same = (state: Uint8Array, { offset, length }: TrueEvent): boolean => {
    for (let k = offset; k < offset + length; k++) if (state[k] !== torn[k]) return false;
    return true;
  };
  const all = (state: Uint8Array): TrueEvent[] => {
    const image = open(state);
    return unread(image).flatMap((pages) => pages.flatMap((page) => eventsOf(image, state, page)));
  };
  const last = states.at(-1)!;
  const events = all(last);
  const known = new Set(events.map(({ offset }) => offset));
  const surviving = new Map(events.filter((event) => same(last, event)).map(({ offset, time }) => [offset, time]));
  const older = new Set<number>();
  for (const state of states.slice(0, -1))
    for (const event of all(state)) if (same(state, event)) older.add(event.offset);
  const score: Score = {
    events: events.length,
    survive: surviving.size,
    read: read.length,
    hit: 0,
    doubted: 0,
    exact: 0,
    bounded: 0,
    within: 0,
    wrongTime: 0,
    stale: 0,
    torn: 0,
    tornSure: 0,
    false: 0,
    falseSure: 0,
  };
  for (const { offset, time, bounds, doubt } of read) {
    const truth = surviving.get(offset);
    if (truth !== undefined) {
      score.hit++;
      if (doubt) score.doubted++;
      if (time === truth) score.exact++;
      if (bounds) {
        score.bounded++;
        if (bounds[0] <= truth && truth <= bounds[1]) score.within++;
      } else if (time !== truth) score.wrongTime++;
    } else if (older.has(offset)) score.stale++;
    else if (known.has(offset)) {
      score.torn++;
      if (!doubt) score.tornSure++;
    } else {
      score.false++;
      if (!doubt) score.falseSure++;
    }
  }
  return score;
}

/** What memory is torn by, and how much of it. */
export const CASES: readonly (readonly [Model, number])[] = [
  ["cache", 0.02],
  ["cache", 0.1],
  ["cache", 0.3],
  ["lost", 0.02],
  ["lost", 0.1],
  ["zero", 0.02],
  ["decay", 0.02],
  ["wipe", 0.05],
];
