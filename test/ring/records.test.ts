import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Abi, subbufHeaderSize } from "../../src/ground/abi.js";
import { Bytes } from "../../src/ground/bytes.js";
import { RB_EVNT_HDR_SIZE, RecordCursor, TYPE_TIME_EXTEND } from "../../src/ring/records.js";
import { SubbufReader } from "../../src/ring/subbuf.js";
import { SubbufBuilder } from "../support/build-image.js";

const ABIS: Abi[] = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 4 },
];

function page(abi: Abi, time: bigint, write: (builder: SubbufBuilder) => void, flags = 0n): Bytes {
  const builder = new SubbufBuilder(new Uint8Array(4096), abi, time);
  write(builder);
  builder.commit(flags);
  return new Bytes(builder.bytes, abi);
}

/** Kind, payload length and time of every record. */
function walk(bytes: Bytes): [kind: number, dataLength: number, time: bigint][] {
  const reader = new SubbufReader(bytes.abi, 4096);
  const cursor = reader.records(bytes, reader.header(bytes));
  const seen: [number, number, bigint][] = [];
  while (cursor.next()) seen.push([cursor.kind, cursor.kind === 0 ? cursor.dataLength : 0, cursor.time()]);
  return seen;
}

test.each(ABIS)("every kind of record, %j", (abi) => {
  const bytes = page(abi, 1000n, (b) =>
    b
      .event(0, new Uint8Array(8))
      .event(5, new Uint8Array(12), true)
      .padding(16, 3)
      .timeExtend(1n << 30n)
      .event(1, new Uint8Array(200))
      .timeStamp(1n << 40n)
      .event(2, new Uint8Array(4)),
  );
  const extended = 1005n + (1n << 30n);
  expect(walk(bytes)).toEqual([
    [0, 8, 1000n],
    [0, 12, 1005n],
    // Padding adds no time: rb_update_read_stamp().
    [1, 0, 1005n],
    [2, 0, extended],
    [0, 200, extended + 1n],
    [3, 0, 1n << 40n],
    [0, 4, (1n << 40n) + 2n],
  ]);
});

test("times are exact beyond 2^53, and wrap at 2^64 as the kernel's do", () => {
  const abi = ABIS[0]!;
  const start = (1n << 63n) + 12345n;
  const bytes = page(abi, start, (b) =>
    b
      .event(1, new Uint8Array(4))
      .timeExtend((1n << 58n) + 1n)
      .event(1, new Uint8Array(4))
      .timeExtend((1n << 59n) - 1n)
      .timeExtend((1n << 59n) - 1n),
  );
  const times = walk(bytes).map(([, , time]) => time);
  let expected = start + 1n;
  expect(times[0]).toBe(expected);
  expected += (1n << 58n) + 1n;
  expect(times[1]).toBe(expected);
  expect(times[2]).toBe(expected + 1n);
  expect(times[4]).toBe(BigInt.asUintN(64, expected + 1n + 2n * ((1n << 59n) - 1n)));
});

test("an absolute time stamp takes its top five bits from the time before, and notices that the 59 bits wrapped", () => {
  const abi = ABIS[0]!;
  const top = 0b10110n << 59n;
  const near = page(abi, top | 500n, (b) => b.event(0, new Uint8Array(4)).timeStamp(700n));
  expect(walk(near)[1]![2]).toBe(top | 700n);
  const wrapped = page(abi, top | 500n, (b) => b.event(0, new Uint8Array(4)).timeStamp(300n));
  expect(walk(wrapped)[1]![2]).toBe((top | 300n) + (1n << 59n));
});

test("a time stamp that goes back is kept and told", () => {
  const bytes = page(ABIS[0]!, 1000n, (b) => b.timeStamp(400n).event(1, new Uint8Array(4)));
  expect(walk(bytes).at(-1)![2]).toBe(401n);
  expect(new SubbufReader(ABIS[0]!, 4096).scan(bytes).timeWentBack).toBe(true);
});

test.each(ABIS)("lost events: the flags and the stored count, %j", (abi) => {
  const builder = new SubbufBuilder(new Uint8Array(4096), abi, 7n);
  builder.event(0, new Uint8Array(8));
  builder.commit(0xc0000000n);
  if (abi.littleEndian) builder.u32(42).u32(0);
  else if (abi.longSize === 8) builder.u32(0).u32(42);
  else builder.u32(42);
  const header = new SubbufReader(abi, 4096).header(new Bytes(builder.bytes, abi));
  expect(header).toMatchObject({ size: 12, missedEvents: true, missedStored: true, missedCount: 42n });
});

test("a sign-extended RB_MISSED_EVENTS, as 7.2 writes it at boot, is an empty page with events lost before it", () => {
  const bytes = new Uint8Array(4096);
  bytes.set([0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff], 8);
  const scan = new SubbufReader(ABIS[0]!, 4096).scan(new Bytes(bytes, ABIS[0]!));
  expect(scan.header).toMatchObject({ size: 0, missedEvents: true });
  expect(scan.damage).toBeUndefined();
});

test("a record that runs past the data, and one of no length, end the walk with what came before", () => {
  const abi = ABIS[0]!;
  const reader = new SubbufReader(abi, 4096);
  const long = page(abi, 1n, (b) => b.event(0, new Uint8Array(8)).word(0, 0).u32(5000));
  expect(reader.scan(long)).toMatchObject({ events: 1, damage: { code: "record-truncated", offset: 16 + 12 } });
  const none = page(abi, 1n, (b) => b.event(0, new Uint8Array(8)).word(0, 0).u32(0));
  expect(reader.scan(none)).toMatchObject({ events: 1, damage: { code: "record-bad-length", offset: 16 + 12 } });
});

test("noise never throws, never leaves the page, and always ends", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ABIS), fc.uint8Array({ minLength: 0, maxLength: 4096 }), (abi, noise) => {
      const scan = new SubbufReader(abi, 4096).scan(new Bytes(noise, abi, 8192));
      expect(scan.end).toBeLessThanOrEqual(8192 + noise.length);
      if (noise.length >= subbufHeaderSize(abi)) expect(scan.records.reduce((a, b) => a + b)).toBeLessThanOrEqual(1024);
    }),
  );
});

test("zeros are records where no more is asked than kernels ask, up to the last whose length would lie behind what there is", () => {
  const bytes = new Uint8Array(32);
  for (const { littleEndian } of ABIS) {
    const cursor = new RecordCursor(new DataView(bytes.buffer), littleEndian, RB_EVNT_HDR_SIZE);
    const lengths = (end: number): number[] => {
      const seen: number[] = [];
      cursor.open(16, end, 0, 0);
      while (cursor.next()) seen.push(cursor.length);
      return seen;
    };
    expect([lengths(28), cursor.damage]).toEqual([[4, 4, 4], undefined]);
    expect([lengths(32), cursor.damage]).toEqual([[4, 4, 4], "record-truncated"]);
  }
});

test("a time extend takes eight bytes, whatever is asked", () => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(16, TYPE_TIME_EXTEND, true);
  const cursor = new RecordCursor(new DataView(bytes.buffer), true, RB_EVNT_HDR_SIZE);
  cursor.open(16, 20, 0, 0);
  expect([cursor.next(), cursor.damage]).toEqual([false, "record-truncated"]);
});

test("a time stamp that repeats the time so far does not go back", () => {
  const bytes = page(ABIS[0]!, 1000n, (b) => b.timeStamp(1000n).event(1, new Uint8Array(4)));
  const scan = new SubbufReader(ABIS[0]!, 4096).scan(bytes);
  expect(scan).toMatchObject({ events: 1, timeWentBack: false });
});
