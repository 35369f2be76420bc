import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Abi } from "../../src/ground/abi.js";
import { writeTorn } from "../../src/reading/salvage/write-torn.js";
import type { Stretch } from "../../src/reading/stretch.js";
import { RecordCursor, RecordKind } from "../../src/ring/records.js";
import { SubbufBuilder } from "../support/build-image.js";
import { BE64, LE64 } from "../support/made-events.js";

const SIZE = 4096;
const HEADER = 16;
const START = 10n ** 15n;
const LATEST = 2n ** 64n - 1n;

interface Piece {
  /** Bytes in front that are no record. */
  readonly gap: number;
  /** Time that passed there. */
  readonly wait: number;
  /** Of each event: what its delta says, and the words of its payload. */
  readonly events: readonly (readonly [delta: number, words: number])[];
  /** What stands behind the last of them. */
  readonly tail: "nothing" | "extend" | "discarded";
}

interface Event {
  readonly offset: number;
  readonly time: bigint;
  /** Its payload, without zeros at the end. */
  readonly data: string;
}

/** A page of stretches with rubbish between them, the events of it, at the times that are believed, and where the last that is no time ends. */
function tornPage(abi: Abi, pieces: readonly Piece[]) {
  const page = new Uint8Array(SIZE).fill(0xa7);
  const stretches: Stretch[] = [];
  const events: Event[] = [];
  let at = HEADER;
  let time = START;
  let lastEnd = HEADER;
  for (const piece of pieces) {
    at += piece.gap;
    time += BigInt(piece.wait);
    const start = at;
    const before = time;
    const put = (length: number, write: (records: SubbufBuilder) => void): void => {
      const record = new Uint8Array(HEADER + length);
      write(new SubbufBuilder(record, abi, 0n));
      page.set(record.subarray(HEADER), at);
      at += length;
    };
    for (const [delta, words] of piece.events) {
      time += BigInt(delta);
      events.push({ offset: at, time, data: "01".repeat(4 * words) });
      put(4 * words + 4, (records) => records.event(delta, new Uint8Array(4 * words).fill(1), false));
    }
    if (piece.tail === "discarded") put(12, (records) => records.padding(12));
    lastEnd = at;
    if (piece.tail === "extend") {
      put(8, (records) => records.timeExtend(5n));
      time += 5n;
    }
    stretches.push({
      start,
      end: at,
      events: piece.events.length,
      time: before,
      bounds: undefined,
      doubts: [],
      lostBefore: piece.gap > 0,
    });
  }
  return { page, stretches, events, time, lastEnd };
}

/** What a reader finds in the page. */
function read(abi: Abi, page: Uint8Array, end: number): Event[] {
  const cursor = new RecordCursor(new DataView(page.buffer), abi.littleEndian);
  cursor.open(HEADER, end, Number(START >> 32n), Number(START & 0xffff_ffffn));
  const events: Event[] = [];
  while (cursor.next())
    if (cursor.kind === RecordKind.Data) {
      const payload = page.subarray(cursor.dataOffset, cursor.dataOffset + cursor.dataLength);
      const data = Buffer.from(payload)
        .toString("hex")
        .replace(/(00)+$/, "");
      events.push({ offset: cursor.offset, time: cursor.time(), data });
    }
  expect({ damage: cursor.damage, at: cursor.position }).toEqual({ damage: undefined, at: end });
  return events;
}

const piece = (gaps: readonly number[]): fc.Arbitrary<Piece> =>
  fc
    .record({
      gap: fc.constantFrom(...gaps),
      wait: fc.nat(2 ** 26),
      long: fc.nat(2 ** 45),
      events: fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: 2, max: 28 })), { minLength: 1, maxLength: 6 }),
      tail: fc.constantFrom("nothing", "extend", "discarded"),
    })
    // Only these have room for a time extend beside the discarded record.
    .map(({ long, ...rest }) => (rest.gap === 8 || rest.gap >= 16 ? { ...rest, wait: long } : rest));

test("each event stays where it is, at the time that is believed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(LE64, BE64),
      piece([0, 8, 12, 16, 24]),
      fc.array(piece([0, 8, 12, 16, 20, 64]), { maxLength: 5 }),
      (abi, first, more) => {
        const { page, stretches, events, lastEnd } = tornPage(abi, [{ ...first, wait: 0 }, ...more]);
        const { end } = writeTorn(page, { abi, headerSize: HEADER }, stretches, {
          time: stretches[0]!.time,
          latest: LATEST,
        });
        expect(end).toBe(lastEnd);
        expect(read(abi, page, end)).toEqual(events);
        expect(page.subarray(end).every((byte) => byte === 0)).toBe(true);
      },
    ),
    { seed: 5, numRuns: 400 },
  );
});

test("where a gap has no room for a time extend, the delta leads as far as it can", () => {
  const event = [1, 2] as const;
  const { page, stretches, events } = tornPage(LE64, [
    { gap: 0, wait: 0, events: [event], tail: "nothing" },
    { gap: 12, wait: 2 ** 40, events: [event], tail: "nothing" },
  ]);
  const place = { time: stretches[0]!.time, latest: LATEST };
  const { end, endTime } = writeTorn(page, { abi: LE64, headerSize: HEADER }, stretches, place);
  expect(endTime).toBe(START + 1n + BigInt(2 ** 27 - 1));
  expect(read(LE64, page, end)).toEqual([events[0], { ...events[1], time: endTime }]);
});

test("no event is further from the time stamp than a reader can tell exactly", () => {
  const event = [1, 2] as const;
  const { page, stretches } = tornPage(LE64, [
    { gap: 0, wait: 0, events: [event], tail: "nothing" },
    { gap: 16, wait: 2 ** 60, events: [event, event], tail: "nothing" },
  ]);
  const place = { time: stretches[0]!.time, latest: LATEST };
  const { end, endTime } = writeTorn(page, { abi: LE64, headerSize: HEADER }, stretches, place);
  expect(endTime).toBe(START + 2n ** 52n);
  expect(read(LE64, page, end).map(({ time }) => time - START)).toEqual([1n, 2n ** 52n, 2n ** 52n]);
});

test("four bytes are no record: the one before grows by them, whatever its length, or the first behind them does", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(LE64, BE64),
      piece([0, 4, 8]),
      fc.array(piece([0, 4, 8]), { maxLength: 5 }),
      (abi, first, more) => {
        const { page, stretches, events } = tornPage(abi, [{ ...first, wait: 0 }, ...more]);
        const { end } = writeTorn(page, { abi, headerSize: HEADER }, stretches, {
          time: stretches[0]!.time,
          latest: LATEST,
        });
        const found = read(abi, page, end);
        const begins = first.gap === 4 ? stretches[0]!.start : undefined;
        expect(found).toEqual(
          events.map((event) => (event.offset === begins ? { ...event, offset: event.offset - 4 } : event)),
        );
      },
    ),
    { seed: 6, numRuns: 400 },
  );
});

test.each([
  ["hold a discarded record", 0, 1],
  ["hold one and a time extend", 2 ** 30, 2],
])("times at the beginning, in front of four bytes, %s: the event behind them stays where it is", (_, wait, stamps) => {
  const event = [1, 3] as const;
  const made = tornPage(LE64, [{ gap: 8 * stamps + 4, wait, events: [event, event], tail: "nothing" }]);
  const start = HEADER + 8 * stamps;
  const stamp = new SubbufBuilder(new Uint8Array(HEADER + 8), LE64, 0n).timeStamp(START + 7n).bytes.subarray(HEADER);
  for (let at = HEADER; at < start; at += 8) made.page.set(stamp, at);
  const [first] = made.stretches;
  const times = { ...first!, start: HEADER, end: start, events: 0, time: START };
  const place = { time: START, latest: LATEST };
  const { end } = writeTorn(made.page, { abi: LE64, headerSize: HEADER }, [times, first!], place);
  expect(read(LE64, made.page, end)).toEqual(made.events);
});

test("no event is later than the next sub-buffer begins", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(LE64, BE64),
      piece([0, 8]),
      fc.array(piece([0, 8, 12, 16]), { maxLength: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (abi, first, more, share) => {
        const { page, stretches, events, time } = tornPage(abi, [{ ...first, wait: 0 }, ...more]);
        const latest = START + BigInt(Math.floor(Number(time - START) * share));
        const place = { time: stretches[0]!.time, latest };
        const { end, endTime } = writeTorn(page, { abi, headerSize: HEADER }, stretches, place);
        expect(endTime <= latest || latest < START).toBe(true);
        const found = read(abi, page, end);
        expect(found.map(({ offset }) => offset)).toEqual(events.map(({ offset }) => offset));
        expect(found.map((event) => event.time)).toEqual(
          events.map((event) => (event.time < latest ? event.time : latest)),
        );
      },
    ),
    { seed: 7, numRuns: 400 },
  );
});
