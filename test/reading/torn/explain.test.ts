import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Abi } from "../../../src/ground/abi.js";
import { Explainer } from "../../../src/reading/resync/explain.js";
import { Knowledge } from "../../../src/reading/resync/knowledge.js";
import type { TornPage } from "../../../src/reading/resync/page.js";
import { RecordCursor } from "../../../src/ring/records.js";
import { SubbufBuilder } from "../../support/build-image.js";

/** A time of more than 2^53 ns: as one number it would not be exact. */
const TIME = (1n << 58n) + 5_000_000_123n;
const LENGTHS = [20, 36, 28];
const ABIS: readonly (readonly [string, Abi, boolean])[] = [
  ["little endian", { littleEndian: true, longSize: 8 }, false],
  ["big endian", { littleEndian: false, longSize: 8 }, false],
  ["32-bit with 64-bit alignment", { littleEndian: true, longSize: 4 }, true],
];

function payload(abi: Abi, type: number, pid: number): Uint8Array {
  const bytes = new Uint8Array(LENGTHS[type - 300]!).fill(0xcd);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, abi.littleEndian);
  view.setUint16(2, 0);
  view.setInt32(4, pid, abi.littleEndian);
  return bytes;
}

/** A page of events of three ids, `extra` before the event `at`; where each event begins, and its time. */
function page(abi: Abi, long: boolean, extra?: (builder: SubbufBuilder) => bigint, at = 40) {
  const bytes = new Uint8Array(4096);
  const builder = new SubbufBuilder(bytes, abi, TIME);
  const header = 8 + abi.longSize;
  const events: { offset: number; time: bigint }[] = [];
  let time = TIME;
  for (let k = 0, offset = header; k < 80; k++) {
    const extended = k === at && extra !== undefined;
    if (extended) {
      time += extra(builder);
      offset += 8;
    }
    const body = payload(abi, 300 + (k % 3), 1000);
    // The kernel gives the first event, and one behind a time extend, no delta of its own.
    const delta = k === 0 || extended ? 0 : 1000;
    builder.event(delta, body, long);
    time += BigInt(delta);
    events.push({ offset, time });
    offset += body.length + (long ? 8 : 4);
  }
  builder.commit();
  const view = new DataView(bytes.buffer);
  const torn: TornPage = {
    view,
    start: header,
    end: 4096,
    committed: view.getUint32(abi.longSize === 8 && !abi.littleEndian ? 12 : 8, abi.littleEndian),
    time: TIME,
    unconfirmed: false,
    low: undefined,
    high: time + 1000n,
  };
  return { bytes, torn, events };
}

function explainer(abi: Abi, long: boolean): Explainer {
  const knowledge = new Knowledge();
  const { torn } = page(abi, long);
  for (let k = 0; k < 10; k++) knowledge.learn(torn.view, abi.littleEndian, torn.start, torn.start + torn.committed!);
  return new Explainer(knowledge, abi.littleEndian);
}

/** The events of the runs, each with its estimate and bounds. */
function read(abi: Abi, torn: TornPage, by: Explainer) {
  const { origin, runs } = by.explain(torn);
  return runs.flatMap((run) => {
    const cursor = new RecordCursor(torn.view, abi.littleEndian);
    const base = origin + BigInt(run.before);
    cursor.open(run.start, run.end, Number(base >> 32n), Number(base & 0xffffffffn));
    const events = [];
    while (cursor.next()) {
      if (cursor.kind !== 0) continue;
      const time = cursor.time();
      const bounds = [time + BigInt(run.low - run.before), time + BigInt(run.high - run.before)] as const;
      events.push({ offset: cursor.offset, time, exact: run.exact, bounds });
    }
    return events;
  });
}

describeEach("a lost line costs what lies in it, and bounds the times behind it", (abi, long) => {
  const { bytes, torn, events } = page(abi, long);
  bytes.fill(0, 1024, 1088);
  const found = read(abi, torn, explainer(abi, long));
  const lost = events.filter(({ offset }) => !found.some((event) => event.offset === offset));
  expect(lost.every(({ offset }) => offset > 1024 - 64 && offset < 1088)).toBe(true);
  expect(found.length).toBeGreaterThan(75);
  for (const { offset, time, exact, bounds } of found) {
    // What reaches into the line is read, with the zeros in it.
    if (offset > 1024 - 64 && offset < 1088) continue;
    const truth = events.find((event) => event.offset === offset)!;
    expect(exact).toBe(offset < 1024);
    if (exact) expect(time).toBe(truth.time);
    else {
      expect(bounds[0]).toBeLessThanOrEqual(truth.time);
      expect(bounds[1]).toBeGreaterThanOrEqual(truth.time);
      expect(bounds[1] - bounds[0]).toBeLessThan(10_000n);
    }
  }
});

describeEach("an absolute time stamp after a break makes the time exact again", (abi, long) => {
  const { bytes, torn, events } = page(abi, long, (builder) => {
    builder.timeStamp(TIME + 39_000n + 500n);
    return 500n;
  });
  bytes.fill(0, 512, 576);
  const found = read(abi, torn, explainer(abi, long));
  const behind = events.slice(40);
  expect(found.slice(-40)).toMatchObject(behind.map((event) => ({ ...event, exact: true })));
  expect(found.some(({ exact }) => !exact)).toBe(true);
});

describeEach("behind a lost line, a time extend belongs to the event that it stands before", (abi, long) => {
  const by = explainer(abi, long);
  let tried = 0;
  for (let at = 2; at < 78; at++) {
    const extended = (builder: SubbufBuilder): bigint => {
      builder.timeExtend(5000n);
      return 5000n;
    };
    const { bytes, torn, events } = page(abi, long, extended, at);
    const offset = events[at]!.offset - 8;
    const border = offset - (offset % 64);
    // The record before must not be whole.
    if (events[at - 1]!.offset >= border) continue;
    bytes.fill(0, border - 64, border);
    expect(by.explain(torn).runs.map(({ start }) => start)).toContain(offset);
    tried++;
  }
  expect(tried).toBeGreaterThan(10);
});

describeEach("a time extend that passes the next page is a break", (abi, long) => {
  const { torn, events } = page(abi, long, (builder) => {
    builder.timeExtend(1n << 40n);
    return 0n;
  });
  const found = read(abi, torn, explainer(abi, long));
  expect(found.map(({ offset }) => offset)).toEqual(events.map(({ offset }) => offset));
  for (const [k, { exact, time }] of found.entries()) {
    expect(exact).toBe(k < 40);
    if (exact) expect(time).toBe(events[k]!.time);
    else expect(time).toBeLessThanOrEqual(torn.high!);
  }
});

describeEach("without a commit, records say where they end", (abi, long) => {
  const { torn, events } = page(abi, long);
  const found = read(abi, { ...torn, committed: undefined }, explainer(abi, long));
  expect(found).toMatchObject(events.map((event) => ({ ...event, exact: true })));
});

describeEach("without the page's time, the next page's bounds it from above", (abi, long) => {
  const { torn, events } = page(abi, long);
  const found = read(abi, { ...torn, time: undefined }, explainer(abi, long));
  expect(found.map(({ offset }) => offset)).toEqual(events.map(({ offset }) => offset));
  for (const [k, { exact, bounds, time }] of found.entries()) {
    expect(exact).toBe(false);
    expect(bounds[0]).toBeLessThanOrEqual(events[k]!.time);
    expect(bounds[1]).toBe(events[k]!.time + 1000n);
    expect(time).toBe(bounds[1]);
  }
});

describeEach("a bound that is no time of this page bounds nothing", (abi, long) => {
  const { torn, events } = page(abi, long);
  const found = read(abi, { ...torn, high: 0x9000_0000_ea00_0000n }, explainer(abi, long));
  expect(found).toMatchObject(events.map((event) => ({ ...event, exact: true })));
});

describeEach("any bytes: runs in order, in the page, aligned, their records walkable", (abi, long) => {
  const by = explainer(abi, long);
  const sound = page(abi, long).bytes;
  const change = fc.tuple(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 0, max: 0xffffffff }));
  const header = fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined });
  const when = fc.option(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 200 }),
      header,
      when,
      when,
      when,
      (changes, committed, time, low, high) => {
        const view = new DataView(sound.slice().buffer);
        for (const [word, value] of changes) view.setUint32(4 * word, value);
        const start = 8 + abi.longSize;
        const { runs } = by.explain({
          view,
          start,
          end: 4096,
          committed,
          time,
          unconfirmed: low === undefined,
          low,
          high,
        });
        let end = start;
        for (const run of runs) {
          expect(run.start).toBeGreaterThanOrEqual(end);
          expect((run.start - start) % 4).toBe(0);
          expect(Number.isFinite(run.before)).toBe(true);
          if (!run.exact) expect(run.low).toBeLessThanOrEqual(run.high);
          const cursor = new RecordCursor(view, abi.littleEndian);
          cursor.open(run.start, run.end, 0, 0);
          while (cursor.next());
          expect(cursor.position).toBe(run.end);
          end = run.end;
        }
        expect(end).toBeLessThanOrEqual(4096);
      },
    ),
    { numRuns: 100 },
  );
});

function describeEach(name: string, body: (abi: Abi, long: boolean) => void): void {
  test.each(ABIS)(`${name} (%s)`, (_, abi, long) => body(abi, long));
}
