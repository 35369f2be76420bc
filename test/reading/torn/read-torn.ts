/** Reads torn pages in their true order: what the reading does around the explanation, in short. */
import type { Image } from "../../../src/image/image.js";
import { Explainer, type PageExplanation } from "../../../src/reading/resync/explain.js";
import { type EventSize, Knowledge } from "../../../src/reading/resync/knowledge.js";
import { RecordCursor, RecordKind } from "../../../src/ring/records.js";
import { open, type ReadEvent, type TruePage, unread } from "./tear.js";

interface Header {
  readonly time: bigint;
  readonly size: number;
}

function headerOf(image: Image, view: DataView): Header {
  const { abi } = image.layout;
  const time = view.getBigUint64(0, abi.littleEndian);
  const commit =
    abi.longSize === 8 ? view.getBigUint64(8, abi.littleEndian) : BigInt(view.getUint32(8, abi.littleEndian));
  return { time, size: Number(commit & ~0xc0000000n) };
}

/** The most stamps that ascend: those that can be believed together. */
function believable(times: readonly bigint[]): boolean[] {
  const best: number[] = [];
  const from: number[] = [];
  let top = -1;
  times.forEach((time, k) => {
    best[k] = time === 0n ? 0 : 1;
    from[k] = -1;
    for (let j = 0; j < k && time !== 0n; j++)
      if (times[j]! <= time && times[j] !== 0n && best[j]! + 1 > best[k]!) {
        best[k] = best[j]! + 1;
        from[k] = j;
      }
    if (top < 0 || best[k]! > best[top]!) top = k;
  });
  const sound = times.map(() => false);
  for (let k = top; k >= 0 && times[k] !== 0n; k = from[k]!) sound[k] = true;
  return sound;
}

export interface Timing {
  pages: number;
  worst: number;
  total: number;
}

/** Reads every unread page of `torn`, whose order is that of `last`. */
export function readTorn(
  last: Uint8Array,
  torn: Uint8Array,
  sizes?: ReadonlyMap<number, EventSize>,
  timing?: Timing,
): ReadEvent[] {
  const image = open(last);
  const { abi, geometry } = image.layout;
  const { headerSize, capacity } = image.subbufs;
  const viewOf = ({ offset }: TruePage) => new DataView(torn.buffer, torn.byteOffset + offset, geometry.subbufSize);
  const cpus = unread(image);
  const knowledge = new Knowledge(sizes);
  const cursor = (view: DataView) => new RecordCursor(view, abi.littleEndian);
  for (const pages of cpus)
    for (const page of pages) {
      const view = viewOf(page);
      const { size } = headerOf(image, view);
      const end = headerSize + Math.min(size, capacity);
      knowledge.learn(view, abi.littleEndian, headerSize, end);
    }
  const explain = (
    knowledge: Knowledge,
    take: (page: TruePage, view: DataView, told: PageExplanation) => void,
  ): void => {
    const explainer = new Explainer(knowledge, abi.littleEndian);
    for (const pages of cpus) {
      const headers = pages.map((page) => headerOf(image, viewOf(page)));
      const sound = believable(headers.map(({ time }) => time));
      let low: bigint | undefined;
      pages.forEach((page, k) => {
        const view = viewOf(page);
        const { time, size } = headers[k]!;
        const next = sound.indexOf(true, k + 1);
        const high = next < 0 ? undefined : headers[next]!.time;
        const full = k > 0 && k + 1 < pages.length;
        // A line of zeros is a lost one: a page that was consumed keeps its records.
        const gone = new Uint8Array(view.buffer, view.byteOffset, 64).every((byte) => byte === 0);
        const fits = !gone && size <= capacity && size % 4 === 0 && (!full || size >= capacity - 4);
        const began = performance.now();
        const told = explainer.explain({
          view,
          start: headerSize,
          end: headerSize + capacity,
          committed: fits ? size : undefined,
          time: sound[k] ? time : undefined,
          low,
          high,
        });
        if (timing) {
          const took = performance.now() - began;
          timing.pages++;
          timing.total += took;
          timing.worst = Math.max(timing.worst, took);
        }
        take(page, view, told);
        const { origin, runs } = told;
        for (const run of runs)
          if (run.exact && (low === undefined || low < origin + BigInt(run.after))) low = origin + BigInt(run.after);
        if (sound[k] && (low === undefined || low < time)) low = time;
      });
    }
  };
  const learnt = new Knowledge(sizes);
  explain(knowledge, (_, view, { runs }) => learnt.learnRuns(view, abi.littleEndian, runs));
  const events: ReadEvent[] = [];
  explain(learnt, (page, view, told) => events.push(...eventsIn(page, cursor(view), told)));
  return events;
}

function* eventsIn(page: TruePage, walk: RecordCursor, { origin, runs }: PageExplanation): Generator<ReadEvent> {
  for (const run of runs) {
    const doubts = new Map(run.doubts.map(({ offset, code }) => [offset, code]));
    const base = BigInt.asUintN(64, origin + BigInt(run.before));
    walk.open(run.start, run.end, Number(base >> 32n), Number(base & 0xffffffffn));
    while (walk.next()) {
      if (walk.kind !== RecordKind.Data) continue;
      const at = walk.time();
      const doubt = doubts.get(walk.offset);
      const far = (x: number) => BigInt(Math.round(Number.isFinite(x) ? x : run.before + 2 ** 52)) - BigInt(run.before);
      yield {
        offset: page.offset + walk.offset,
        time: at,
        ...(run.exact ? {} : { bounds: [at + far(run.low), at + far(run.high)] as const }),
        ...(doubt ? { doubt } : {}),
      };
    }
  }
}
