import { expect, test } from "@jest/globals";
import { readingOf } from "../../src/reading/reading.js";
import { inspect } from "../../src/report/inspect.js";
import { nrSubbufsFor } from "../../src/ring/geometry.js";
import { layoutOf, RING_BUFFER_CPU_META, RING_BUFFER_META, TRACE_SCRATCH } from "../../src/ring/structs.js";
import { buildImage, SubbufBuilder } from "../support/build-image.js";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { eventsOf, offsetsOf, open, salvaged } from "../support/salvaged.js";

const HEADER = 16;
const SIZE = 4096;
const START = 1_000_000_000n;
/** From the time stamp of one sub-buffer to that of the next. */
const EVERY = 1_000_000n;

type Fill = (page: SubbufBuilder, k: number) => void;

const usual = payload(LE64, 5, 100, [[8, 1]]);
/** As many usual events as a sub-buffer holds, or so many. */
function usualEvents(page: SubbufBuilder, count = Math.floor((SIZE - HEADER) / (usual.length + 4))): void {
  for (let k = 0; k < count; k++) page.event(1000 + k, usual);
}

/** CPUs whose sub-buffers were filled one after another, from the first of the ring on. */
function ringOf(fills: readonly Fill[], nrCpus = 1): Uint8Array {
  const totalSize = 16384 + nrCpus * 24 * SIZE;
  const size = (table: typeof RING_BUFFER_META | typeof TRACE_SCRATCH | typeof RING_BUFFER_CPU_META) =>
    layoutOf(table, LE64).size;
  const geometry = {
    buffersOffset: size(RING_BUFFER_META) + size(TRACE_SCRATCH) + 128 * 64,
    bootMetaSize: size(RING_BUFFER_META),
    cpuMetaSize: size(RING_BUFFER_CPU_META),
    subbufSize: SIZE,
  };
  return buildImage(
    {
      abi: LE64,
      generation: "global",
      subbufSize: SIZE,
      nrCpus,
      totalSize,
      nrSubbufs: nrSubbufsFor(totalSize, nrCpus, geometry)!,
      virtualStart: 0xffff888100000000n,
    },
    (_, id, bytes) => {
      const fill = fills[id - 1];
      if (fill === undefined) return;
      const page = new SubbufBuilder(bytes, LE64, START + BigInt(id - 1) * EVERY);
      fill(page, id - 1);
      page.commit();
    },
  );
}

/** Three sub-buffers; in the midst of the second, so long after the one before it, an event of a task that is like no other. */
function ringAroundRare(delta: number, pid: number): Uint8Array {
  const rare = payload(LE64, 77, pid, [[8, 1]], 3, 3);
  return ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 20);
      page.event(delta, rare);
      usualEvents(page, 180);
    },
    (page) => usualEvents(page),
  ]);
}

/** Where the data of its sub-buffer begins in the file, by position in the ring. */
function dataOf(image: Uint8Array, k: number): number {
  return open(image).cpus[0]!.subbufsOffset + (k + 1) * SIZE + HEADER;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** Zeroes common_type of the third of a sub-buffer's events, or all that it begins with; gives where the event lies. */
function loseThird(bytes: Uint8Array, k: number, what: "type" | "length and type"): number {
  const third = dataOf(bytes, k) + 2 * (usual.length + 4);
  if (what === "length and type") view(bytes).setUint32(third, 0, true);
  view(bytes).setUint32(third + 4, 0, true);
  return third;
}

test("where no meta tells a place within the address space, every kernel keeps what was salvaged", () => {
  const bytes = madeImage(LE64, [(page) => usualEvents(page)]);
  const { offsets } = layoutOf(RING_BUFFER_CPU_META, LE64);
  const { metaOffset } = open(bytes).cpus[0]!;
  for (const field of [offsets.first_buffer, offsets.head_buffer, offsets.commit_buffer])
    view(bytes).setBigUint64(metaOffset + field, 0xffff_ffff_ffff_f000n, true);
  expect(salvaged(bytes).kept).toBe(offsetsOf(eventsOf(bytes)).length);
});

test("an absolute time stamp years later than its torn sub-buffer is none", () => {
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 20);
      page.timeStamp((1n << 59n) - 1n);
      usualEvents(page, 150);
    },
  ]);
  loseThird(bytes, 1, "length and type");
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  expect(unread.map(({ lastTime }) => lastTime! < START + 2n * EVERY)).toEqual([true, true]);
  expect(salvaged(bytes).kept).toBe(offsetsOf(eventsOf(bytes)).length);
});

test("an absolute time stamp later than the next sub-buffer moves no event behind it, where the lengths of records lead over it", () => {
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 20);
      page.timeStamp(START + 95_000_000_000_000n);
      usualEvents(page, 150);
    },
    (page) => usualEvents(page),
  ]);
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  expect(unread.map(({ records }) => records.events)).toEqual([204, 170, 204]);
  expect(unread.map(({ lastTime }, k) => lastTime! <= START + BigInt(k + 1) * EVERY)).toEqual([true, true, true]);
  expect(salvaged(bytes).kept).toBe(offsetsOf(eventsOf(bytes)).length);
});

test("in a torn sub-buffer, an event that is like no other is read where it stands in step with what is before and behind it", () => {
  const bytes = ringAroundRare(1, 12345);
  const all = offsetsOf(eventsOf(bytes));
  const third = loseThird(bytes, 1, "length and type");
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([third]);
});

test("a delta that is too large costs none of the events behind it", () => {
  const bytes = ringAroundRare(100_000, 100);
  const all = offsetsOf(eventsOf(bytes));
  view(bytes).setUint32(dataOf(bytes, 1), (900_000 << 5) | (usual.length / 4), true);
  const third = loseThird(bytes, 1, "length and type");
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([third]);
});

test("of a few events, one without a type costs none of those behind it", () => {
  const bytes = ringOf([(page) => usualEvents(page, 5)]);
  const all = offsetsOf(eventsOf(bytes));
  const third = loseThird(bytes, 0, "type");
  const { offsets } = salvaged(bytes);
  expect(offsets).toEqual(all.filter((offset) => offset !== third));
  expect(offsetsOf(eventsOf(bytes))).toEqual(offsets);
});

test("of a few events, one of zeros alone costs none of those behind it, where the next begins with a zero", () => {
  const bytes = ringOf([
    (page) => {
      usualEvents(page, 3);
      page.event(0, usual, true);
      usualEvents(page, 2);
    },
  ]);
  const all = offsetsOf(eventsOf(bytes));
  const third = loseThird(bytes, 0, "length and type");
  bytes.fill(0, third, third + usual.length + 4);
  expect(salvaged(bytes).offsets).toEqual(all.filter((offset) => offset !== third));
});

test("of a few events, one whose length leads beyond the end costs none of those before it", () => {
  const rare = payload(LE64, 77, 100, [[8, 1]]);
  const bytes = ringOf([
    (page) => usualEvents(page, 5),
    (page) => {
      usualEvents(page, 5);
      page.event(1000, rare);
      usualEvents(page, 3);
    },
  ]);
  const all = offsetsOf(eventsOf(bytes));
  const third = loseThird(bytes, 1, "type");
  const late = all[5 + 7]!;
  view(bytes).setUint32(late, 0, true);
  view(bytes).setUint32(late + 4, 0x10000, true);
  expect(salvaged(bytes).offsets).toEqual(all.slice(0, 5 + 7).filter((offset) => offset !== third));
  const [, found] = readingOf(open(bytes)).cpus[0]!.unread;
  // Since the break the times are not known.
  expect(found!.stretches.map(({ bounds }) => bounds === undefined)).toEqual([true, false, false, false]);
});

test("of a few events, zeros behind the last of them are told as what cannot be walked", () => {
  const bytes = ringOf([(page) => usualEvents(page, 5)]);
  const third = loseThird(bytes, 0, "length and type");
  bytes.fill(0, third, third + 3 * (usual.length + 4));
  const [found] = readingOf(open(bytes)).cpus[0]!.unread;
  expect(found!.records).toMatchObject({ events: 2, damage: "record-bad-length" });
});

/** An event whose words read, without its length and its type, as two records that hold none and lead behind it. */
const faint = payload(LE64, 5, 12, [[8, 0]]);

/** Fills the reader page, which is older than all of the ring where nothing else is said. */
function fillReader(bytes: Uint8Array, time = START - 100n * EVERY): void {
  const { subbufsOffset } = open(bytes).cpus[0]!;
  const reader = new SubbufBuilder(bytes.subarray(subbufsOffset, subbufsOffset + SIZE), LE64, time);
  usualEvents(reader);
  reader.commit();
}

test("the reader page, whose entry of buffers[] was exchanged with one of the ring's", () => {
  const bytes = ringOf(Array.from({ length: 8 }, () => (page: SubbufBuilder) => usualEvents(page)));
  fillReader(bytes);
  const { buffersOffset } = open(bytes).cpus[0]!;
  const all = offsetsOf(eventsOf(bytes));
  expect(all.length).toBe(9 * Math.floor((SIZE - HEADER) / (usual.length + 4)));
  view(bytes).setUint32(buffersOffset, 4, true);
  view(bytes).setUint32(buffersOffset + 16, 0, true);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([]);
});

test("a reader page that is dated into the ring, which begins with a sub-buffer of one moment, leaves that its only place", () => {
  const bytes = ringOf(
    Array.from({ length: 8 }, (_, k) => (page: SubbufBuilder) => (k === 0 ? page.event(0, usual) : usualEvents(page))),
  );
  fillReader(bytes, START + 3n * EVERY + EVERY / 2n);
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  expect(new Set(unread.map(({ index }) => index)).size).toBe(unread.length);
});

/** Sets the time stamp of a sub-buffer. */
function stamp(bytes: Uint8Array, k: number, time: bigint): void {
  view(bytes).setBigUint64(dataOf(bytes, k) - HEADER, time, true);
}

test("before the writer has gone round the ring, a time stamp that is too early is no earlier lap's", () => {
  const bytes = ringOf(Array.from({ length: 8 }, () => (page: SubbufBuilder) => usualEvents(page)));
  const all = offsetsOf(eventsOf(bytes));
  stamp(bytes, 4, START + 4n * EVERY - (1n << 29n));
  expect(salvaged(bytes).offsets).toEqual(all);
});

test("nor where head and commit are lost, too", () => {
  const bytes = ringOf(Array.from({ length: 8 }, () => (page: SubbufBuilder) => usualEvents(page)));
  const all = offsetsOf(eventsOf(bytes));
  const { spans } = open(bytes).cpus[0]!.meta!;
  for (const word of [spans.head_buffer, spans.commit_buffer]) view(bytes).setBigUint64(word.offset, 1n, true);
  stamp(bytes, 4, START - 2n * EVERY);
  expect(salvaged(bytes).offsets).toEqual(all);
});

test("a time stamp that lies many laps back is no earlier lap's", () => {
  const bytes = ringOf(Array.from({ length: 24 }, () => (page: SubbufBuilder) => usualEvents(page)));
  const all = offsetsOf(eventsOf(bytes));
  stamp(bytes, 4, 7314n);
  expect(salvaged(bytes).offsets).toEqual(all);
});

test("a time stamp that is too late, where a sub-buffer past the commit page is read too, costs no events", () => {
  const bytes = ringOf(Array.from({ length: 6 }, () => (page: SubbufBuilder) => usualEvents(page)));
  fillReader(bytes);
  const { spans, values } = open(bytes).cpus[0]!.meta!;
  view(bytes).setBigUint64(spans.commit_buffer.offset, values.first_buffer + BigInt(5 * SIZE), true);
  bytes.fill(0, dataOf(bytes, 4) - HEADER, dataOf(bytes, 5) - HEADER);
  const all = offsetsOf(eventsOf(bytes));
  expect(all.length).toBe(6 * Math.floor((SIZE - HEADER) / (usual.length + 4)));
  stamp(bytes, 2, START << 30n);
  expect(salvaged(bytes).offsets).toEqual(all);
});

test("time stamps that moved by a byte with their sub-buffers are not those by which sound ones are stale", () => {
  const bytes = ringOf(Array.from({ length: 24 }, () => (page: SubbufBuilder) => usualEvents(page)));
  for (let k = 0; k < open(bytes).cpus[0]!.nrSubbufs - 1; k++) stamp(bytes, k, 100n * START + BigInt(k) * EVERY);
  const all = offsetsOf(eventsOf(bytes));
  const [from, to] = [dataOf(bytes, 4) - HEADER, dataOf(bytes, 18) - HEADER];
  bytes.copyWithin(from + 1, from, to - 1);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => (offset < from || offset >= to) && !found.has(offset))).toEqual([]);
});

test("events whose like stands only behind a break are believed in front of it", () => {
  const idle = payload(LE64, 77, 200, [[8, 1]]);
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      for (let k = 0; k < 40; k++) page.event(1000, idle);
      usualEvents(page, 160);
    },
  ]);
  const all = offsetsOf(eventsOf(bytes));
  const third = dataOf(bytes, 1) + 2 * (usual.length + 4);
  view(bytes).setUint32(third, 0, true);
  view(bytes).setUint32(third + 4, 0x10000, true);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([third]);
});

test("where lengths lead soundly to the end of a page, a commit that is less costs no events, of the first one neither", () => {
  const bytes = ringOf(Array.from({ length: 8 }, () => (page: SubbufBuilder) => usualEvents(page)));
  const all = offsetsOf(eventsOf(bytes));
  view(bytes).setUint32(dataOf(bytes, 0) - HEADER + 8, 4, true);
  expect(salvaged(bytes).offsets).toEqual(all);
});

/** Events of which no sub-buffer has the same: from the first on, or from the fourth on. */
const unlike =
  (from: number): Fill =>
  (page, k) => {
    for (let n = 0; n < 204; n++)
      page.event(n < from ? 1000 : 1000 + k, payload(LE64, 5, 100, [[8, n < from ? 1 : k]]));
  };

test("torn sub-buffers that all have the same late time stamp do not tell where the ring begins", () => {
  const bytes = ringOf(Array.from({ length: 24 }, () => unlike(0)));
  const all = offsetsOf(eventsOf(bytes));
  const torn = Array.from({ length: 16 }, (_, k) => k + 2);
  for (const k of torn) stamp(bytes, k, 1n << 44n);
  const lost = torn.map((k) => loseThird(bytes, k, "length and type"));
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual(lost);
});

test("torn sub-buffers that begin alike are no copies of each other", () => {
  const bytes = ringOf(Array.from({ length: 6 }, () => unlike(3)));
  const all = offsetsOf(eventsOf(bytes));
  for (const k of [3, 4]) stamp(bytes, k, START + 2n * EVERY);
  const lost = [2, 3, 4].map((k) => loseThird(bytes, k, "length and type"));
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual(lost);
});

test("a reader page whose damaged time stamp is the latest does not tell where the area lay", () => {
  const bytes = ringOf([(page) => usualEvents(page)], 2);
  const sound = open(bytes);
  const all = offsetsOf(eventsOf(bytes));
  const [first, second] = sound.cpus;
  // By the wrong address the second CPU's writer was on the reader page.
  const field = first!.meta!.spans.first_buffer.offset;
  view(bytes).setBigUint64(field, first!.meta!.values.first_buffer + BigInt(SIZE), true);
  const reader = second!.subbufsOffset;
  view(bytes).setBigUint64(reader, 1n << 60n, true);
  view(bytes).setBigUint64(reader + 8, 4n, true);
  expect(open(bytes).virtualStart).toBe(sound.virtualStart);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([]);
});

test("more sub-buffers without a time than there were moments since the clock began are each given one", () => {
  const bytes = ringOf(Array.from({ length: 12 }, () => unlike(3)));
  const torn = Array.from({ length: 8 }, (_, k) => k);
  for (const k of torn) {
    stamp(bytes, k, 1n << 62n);
    loseThird(bytes, k, "length and type");
  }
  for (let k = 8; k < 12; k++) stamp(bytes, k, 3n + BigInt(k - 8) * EVERY);
  const { kept, written } = salvaged(bytes);
  expect(kept).toBe(12 * 204 - 8);
  const times = readingOf(open(written)).cpus[0]!.unread.map(({ header }) => header.timeStamp);
  expect(times.slice(0, 9)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
});

test("a whole sub-buffer whose time stamp is an earlier lap's, or damaged, is not lost", () => {
  const bytes = ringOf(
    Array.from({ length: 24 }, (_, k) => (page: SubbufBuilder) => {
      for (let n = 0; n < 204; n++) page.event(k === 4 ? 1 : 1000, usual);
    }),
  );
  const all = offsetsOf(eventsOf(bytes));
  stamp(bytes, 4, START - 40n * EVERY);
  const { back, offsets } = salvaged(bytes);
  expect(offsets.toSorted((a, b) => a - b)).toEqual(all.toSorted((a, b) => a - b));
  expect(back).toBe(204);
});

/** An event of a task that is like no other, of 24 bytes and more. */
const unusual = (...words: readonly number[]) =>
  payload(LE64, 77, 12345, [[8, 1], ...words.map((word) => [4, word] as const)], 3, 3);

test.each(["a type", "a length"])(
  "an event that is like no other, in front of one without %s, is kept where kernels keep it",
  (what) => {
    const bytes = ringOf([
      (page) => usualEvents(page),
      (page) => {
        page.event(1000, unusual()).event(1000, faint);
        usualEvents(page, 202);
      },
      (page) => usualEvents(page),
    ]);
    const all = offsetsOf(eventsOf(bytes));
    const second = dataOf(bytes, 1) + unusual().length + 4;
    view(bytes).setUint32(second + 4, 0, true);
    if (what === "a length") view(bytes).setUint32(second, 0, true);
    const found = new Set(salvaged(bytes).offsets);
    expect(all.filter((offset) => !found.has(offset))).toEqual([second]);
  },
);

test("records of lengths that no writer gives are no events, though they lead to the committed end", () => {
  const bytes = ringOf([(page) => usualEvents(page), (page) => usualEvents(page), (page) => usualEvents(page)]);
  const all = offsetsOf(eventsOf(bytes));
  const size = usual.length + 4;
  const third = loseThird(bytes, 1, "length and type");
  // 17 bytes, then 23 up to the fifth.
  view(bytes).setUint32(third + 4, 13, true);
  view(bytes).setUint32(third + 17, 0, true);
  view(bytes).setUint32(third + 21, 19, true);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([third, third + size]);
});

test("an event of the chain behind an absolute time stamp that is years too late has no such time", () => {
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 150);
      page
        .timeStamp((1n << 59n) - 1n)
        .event(1000, faint)
        .event(1000, unusual())
        .event(1000, unusual());
    },
  ]);
  const all = offsetsOf(eventsOf(bytes));
  const lost = dataOf(bytes, 1) + 150 * (usual.length + 4) + 8;
  view(bytes).setUint32(lost + 4, 0, true);
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  expect(unread.map(({ lastTime }) => lastTime! < START + 2n * EVERY)).toEqual([true, true]);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([lost]);
});

test("a last event is kept whose payload looks like what the writer puts behind the last", () => {
  const last = unusual((1 << 5) | 29, 32 - 4, 0, 0, 0, 0, 0, 0);
  const rest = Math.floor((SIZE - HEADER - last.length - 4) / (usual.length + 4));
  const first = SIZE - HEADER - last.length - 4 - rest * (usual.length + 4);
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      if (first > 0) page.padding(first);
      usualEvents(page, rest);
      page.event(1000, last);
    },
    (page) => usualEvents(page),
  ]);
  const all = offsetsOf(eventsOf(bytes));
  // Kernels up to 7.1 look at 32 bits of the commit.
  view(bytes).setUint8(dataOf(bytes, 1) - 1, 0xcb);
  expect(salvaged(bytes).offsets).toEqual(all);
});

const long = payload(
  LE64,
  6,
  100,
  Array.from({ length: 7 }, () => [8, 1] as const),
);
/** Long and usual events in turn. */
const pairs: Fill = (page) => {
  page.padding(12);
  for (let n = 0; n < 46; n++) page.event(1000 + n, long).event(1000 + n, usual);
};
/** A line of such a sub-buffer that has all of a long event but its header. */
const LONG_LINE = 384;

test.each([
  ["in time", 1000],
  ["too late", 960_000],
])(
  "a line of another sub-buffer's, whose events are in step with nothing, one of them %s, takes none that the records' lengths lead to",
  (_, delta) => {
    const bytes = ringOf(Array.from({ length: 6 }, () => pairs));
    const all = offsetsOf(eventsOf(bytes));
    const line = dataOf(bytes, 3) - HEADER + LONG_LINE;
    const foreign = new SubbufBuilder(bytes.slice(line - HEADER, line + 64 + usual.length), LE64, 0n);
    foreign.u32(0).u32(0).event(1000, usual).event(delta, usual).event(1000, usual);
    bytes.set(foreign.bytes.subarray(HEADER, HEADER + 64), line);
    const found = new Set(salvaged(bytes).offsets);
    expect(all.filter((offset) => !found.has(offset))).toEqual([line - 4]);
  },
);

test("a line of another sub-buffer's, whose last event is in step with those behind it by chance, takes none that the lengths lead to", () => {
  const third = payload(LE64, 7, 100, [
    [8, 0x6b63_6f6c_0000_1395n],
    [8, 1],
    [4, 1],
  ]);
  const bytes = ringOf(
    Array.from({ length: 7 }, () => (page: SubbufBuilder, k: number) => {
      if (k === 6) usualEvents(page);
      else if (k % 2 === 0) pairs(page, k);
      else {
        page.padding(36);
        for (let i = 0; i < 126; i++) page.event(1000 + i, third);
      }
    }),
  );
  const all = offsetsOf(eventsOf(bytes));
  // The lengths of the other records lead to the end; only where some sub-buffer is torn are all looked at.
  const lost = loseThird(bytes, 6, "length and type");
  // The usual event behind the long one ends where the foreign line's last event does.
  const foreign = dataOf(bytes, 3) - HEADER + 256;
  bytes.copyWithin(dataOf(bytes, 2) - HEADER + LONG_LINE, foreign, foreign + 64);
  const found = new Set(salvaged(bytes).offsets);
  expect(all.filter((offset) => !found.has(offset))).toEqual([lost]);
});

/** Gives a sub-buffer's event a length that leads beyond the committed end, which kernels up to 6.18.15 do not check. */
function leadBeyond(bytes: Uint8Array, at: number): void {
  view(bytes).setUint32(at, 1000 << 5, true);
  view(bytes).setUint32(at + 4, 0x7000, true);
}

/** What salvage lacks of the events that Linux 6.16 keeps and that the image had before it was damaged. */
function lackingOf616(bytes: Uint8Array, all: readonly number[]): number[] {
  const found = new Set(salvaged(bytes).offsets);
  const sound = new Set(all);
  const kept = offsetsOf(eventsOf(bytes, { asKernel: { release: "6.16" } }));
  expect(kept.length).toBeGreaterThan(0);
  return kept.filter((offset) => sound.has(offset) && !found.has(offset));
}

test("where the lengths lead beyond the end, an event of a type like no other, of a known task, is kept in step with those before it", () => {
  const rare = payload(LE64, 77, 100, [[8, 1]], 3, 3);
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 20);
      page.event(100_000, rare).event(100_000, rare);
      usualEvents(page, 182);
    },
    (page) => usualEvents(page),
  ]);
  const all = offsetsOf(eventsOf(bytes));
  const lost = dataOf(bytes, 1) + 22 * (usual.length + 4);
  leadBeyond(bytes, lost);
  expect(lackingOf616(bytes, all)).toEqual([]);
});

test("where the lengths lead beyond the end, a foreign line's last event takes none of the line behind it", () => {
  const bytes = ringOf(Array.from({ length: 6 }, () => pairs));
  const all = offsetsOf(eventsOf(bytes));
  const line = dataOf(bytes, 3) - HEADER + LONG_LINE;
  const foreign = new SubbufBuilder(bytes.slice(line - HEADER, line + 64 + usual.length), LE64, 0n);
  foreign.u32(0).u32(0).event(1000, usual).event(1000, usual).event(1000, usual);
  bytes.set(foreign.bytes.subarray(HEADER, HEADER + 64), line);
  const lost = dataOf(bytes, 3) + 3000;
  leadBeyond(bytes, all.findLast((offset) => offset < lost)!);
  // The long event that has its header in front of the line is the line's.
  expect(lackingOf616(bytes, all)).toEqual([line - 4]);
});

test("a foreign event that an absolute time stamp years too late follows takes none that the lengths lead to, nor their times", () => {
  const eight = (count: number) => Array.from({ length: count }, () => [8, 1] as const);
  const long = payload(LE64, 6, 100, eight(10));
  const foreign = payload(LE64, 7, 100, eight(4));
  /** Reads as such a time stamp where a record ends in front of it. */
  const late = payload(LE64, 5, 100, [[8, (0x1000n << 32n) | 31n]]);
  const mixed: Fill = (page) => {
    for (let k = 1; k <= 20; k++)
      page
        .event(1000, foreign)
        .event(1000, long)
        .event(1000, usual)
        .timeStamp(START + BigInt(k) * 10_000n);
  };
  const [head, after] = [24, 100];
  const bytes = ringOf([
    mixed,
    (page) => {
      usualEvents(page, head);
      page.event(1000, long).event(1000, late);
      usualEvents(page, after);
    },
    (page) => usualEvents(page),
  ]);
  loseThird(bytes, 2, "length and type");
  const at = dataOf(bytes, 1) + head * (usual.length + 4);
  const behind = at + long.length + 4;
  const word = behind + late.length + 4 - 8 - foreign.length - 4;
  view(bytes).setInt32(at + 8, 795_242_095, true);
  expect(word).toBeGreaterThan(at + 12);
  view(bytes).setUint32(word, (1000 << 5) | (foreign.length / 4), true);
  bytes.set(foreign.subarray(0, behind - word - 4), word + 4);
  expect(salvaged(bytes).offsets).toContain(behind);
  expect(readingOf(open(bytes)).cpus[0]!.unread[1]!.lastTime).toBeLessThanOrEqual(START + 2n * EVERY);
});

test("what a discarded record tells of time takes none of a later absolute time stamp's", () => {
  const bytes = ringOf([
    (page) => usualEvents(page),
    (page) => {
      usualEvents(page, 20);
      page.padding(16, 100_000_000);
      page.timeStamp(START + EVERY + 30_000n);
      usualEvents(page, 150);
    },
    (page) => usualEvents(page),
  ]);
  const third = loseThird(bytes, 1, "length and type");
  expect(salvaged(bytes).offsets).not.toContain(third);
});

test("sub-buffers that say one and the same time, around one that says none, are salvaged at times of their own", () => {
  const stamped: Fill = (page) => {
    usualEvents(page, 1);
    page.timeStamp(START + 10n * EVERY).event(0, usual);
  };
  const unstamped: Fill = (page) => {
    usualEvents(page, 1);
    page.event(0, usual);
  };
  const whole: Fill = (page) => usualEvents(page);
  const bytes = ringOf([whole, whole, stamped, stamped, stamped, unstamped, stamped]);
  for (let k = 2; k < 7; k++) bytes.fill(0xff, dataOf(bytes, k) - HEADER, dataOf(bytes, k) + usual.length);
  expect(salvaged(bytes).kept).toBe(offsetsOf(eventsOf(bytes)).length);
});

test("a time extend behind the last event that is read, which leads beyond 64 bits, costs a boot no sub-buffer", () => {
  const few: Fill = (page) => usualEvents(page, 5);
  const bytes = ringOf([
    few,
    (page) => {
      usualEvents(page, 5);
      page.timeExtend(1n << 58n).event(0, usual, true);
    },
    few,
  ]);
  // The record behind it has a length that none has.
  view(bytes).setUint32(dataOf(bytes, 1) + 5 * (usual.length + 4) + 12, 0xffff_0000, true);
  for (let k = 0; k < 3; k++)
    view(bytes).setBigUint64(dataOf(bytes, k) - HEADER, 2n ** 64n - 2n ** 57n + BigInt(k) * EVERY, true);
  const all = offsetsOf(eventsOf(bytes));
  expect(all).toHaveLength(15);
  expect(salvaged(bytes).offsets).toEqual(all);
});

/** Sub-buffers of a clock that ticks seldom: all events of the first three, and the first of the fourth, are of one tick. */
function ofOneTick(marks: readonly number[] = [0, 1, 2, 3]): Uint8Array {
  const bytes = ringOf(
    marks.map((mark, k) => (page: SubbufBuilder) => {
      const marked = payload(LE64, 5, 100, [[8, mark]]);
      for (let i = 0; i < 204; i++) page.event(k === 3 && i === 100 ? 1000 : 0, marked);
    }),
  );
  for (let k = 0; k < 4; k++) view(bytes).setBigUint64(dataOf(bytes, k) - HEADER, START, true);
  return bytes;
}

test("sub-buffers of one tick of the clock are sound, and stay so beside a torn one", () => {
  const bytes = ofOneTick();
  const offsets = offsetsOf(eventsOf(bytes));
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  const [cpu] = readingOf(open(bytes)).cpus;
  expect(cpu!.unread.map(({ inOnePiece, repairs }) => inOnePiece && repairs.length === 0)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(salvaged(bytes).written).toEqual(bytes);
  const third = loseThird(bytes, 3, "length and type");
  const { offsets: found } = salvaged(bytes);
  expect(found).toEqual(offsets.filter((offset) => offset !== third));
  const [torn] = readingOf(open(bytes)).cpus;
  expect(torn!.unread.map(({ stretches }) => stretches[0]!.bounds)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("sub-buffers of one tick that hold the same bytes are no copies of each other", () => {
  const bytes = ofOneTick([7, 7, 7, 7]);
  expect(offsetsOf(eventsOf(bytes))).toHaveLength(4 * 204);
  expect(readingOf(open(bytes)).cpus[0]!.unread.map(({ evidence }) => evidence)).toEqual(Array(4).fill("unread"));
  expect(salvaged(bytes).written).toEqual(bytes);
});

test("a copy that stands behind another time is one, also where the clock ticks seldom", () => {
  const bytes = ofOneTick([7, 7, 7, 7]);
  const [first, last] = [dataOf(bytes, 0) - HEADER, dataOf(bytes, 3) - HEADER];
  // The last sub-buffer ends at a later time; behind it stands the first once more.
  view(bytes).setBigUint64(last, START + 1000n, true);
  bytes.copyWithin(dataOf(bytes, 2) - HEADER, last, last + SIZE);
  bytes.copyWithin(last, first, first + SIZE);
  expect(readingOf(open(bytes)).cpus[0]!.subbufs.filter(({ evidence }) => evidence === "duplicate")).toHaveLength(1);
});

/** A trace that begins with the boot: the clock is 0, and counts jiffies or, were the time stamp lost, something else. */
const sinceBoot = (tick: number): Uint8Array => {
  const bytes = ringOf([
    (page) => {
      for (let i = 0; i < 150; i++) page.event(i % 10 === 9 ? tick : 0, usual);
      page.event(540_123, usual);
      usualEvents(page, 53);
    },
    ...Array.from({ length: 3 }, () => (page: SubbufBuilder) => usualEvents(page)),
  ]);
  view(bytes).setBigUint64(dataOf(bytes, 0) - HEADER, 0n, true);
  return bytes;
};

test.each([1_000_000, 3_333_333, 4_000_000, 10_000_000])(
  "a time stamp of 0 is true where the first events come in whole jiffies: %i ns",
  (tick) => {
    const bytes = sinceBoot(tick);
    const [first] = readingOf(open(bytes)).cpus[0]!.unread;
    expect(first).toMatchObject({ time: 0n, timeExact: true, repairs: [] });
    expect(salvaged(bytes).written).toEqual(bytes);
  },
);

test("a time stamp of 0 is a lost one where they do not", () => {
  const [first] = readingOf(open(sinceBoot(4_000_001))).cpus[0]!.unread;
  expect(first).toMatchObject({ timeExact: false, repairs: ["time-from-neighbours"] });
});

test("a clock that went back at boot: times as they were written, by no more than the jiffies that were counted", () => {
  const bytes = sinceBoot(4_000_000);
  const end = readingOf(open(bytes)).cpus[0]!.unread[0]!.lastTime!;
  const counted = 60_000_000n;
  stamp(bytes, 1, end - counted);
  const image = open(bytes);
  const [first, next] = readingOf(image).cpus[0]!.unread;
  expect(first).toMatchObject({ time: 0n, timeExact: true, lastTime: end, repairs: [] });
  expect(next).toMatchObject({ time: end - counted, timeExact: true, repairs: [] });
  expect(inspect(image).diagnostics).toEqual([]);
  expect(salvaged(bytes).written).toEqual(bytes);
  // What is damaged elsewhere takes nothing from it.
  bytes.fill(0xff, dataOf(bytes, 2) + 512, dataOf(bytes, 2) + 576);
  expect(readingOf(open(bytes)).cpus[0]!.unread[2]).toMatchObject({ repairs: ["resynchronised"] });
  expect(readingOf(open(bytes)).cpus[0]!.unread.slice(0, 2)).toMatchObject([
    { lastTime: end },
    { time: end - counted },
  ]);
  stamp(bytes, 1, end - counted - 1n);
  expect(readingOf(open(bytes)).cpus[0]!.unread[0]!.timeExact).toBe(false);
});

/** As many events as a sub-buffer holds, each of a task of its own, so much later than the one before it. */
const ticking =
  (tick: number): Fill =>
  (page, k) => {
    const count = Math.floor((SIZE - HEADER) / (usual.length + 4));
    for (let i = 0; i < count; i++)
      page.event(i > 0 && i % 100 === 0 ? tick : 0, payload(LE64, 5, 1 + k * count + i, [[8, 1]]));
  };

test("sub-buffers that were filled while a boot's clock stood at 0, or counted jiffies, have the times that they tell", () => {
  const bytes = ringOf([
    ticking(0),
    ticking(0),
    ticking(4_000_000),
    ticking(4_000_000),
    ticking(123_457),
    ticking(123_457),
  ]);
  const times = [0n, 0n, 0n, 8_000_000n, 15_000_000n, 16_000_000n];
  for (const [k, time] of times.entries()) stamp(bytes, k, time);
  const image = open(bytes);
  const { unread } = readingOf(image).cpus[0]!;
  expect(unread.map(({ time, timeExact, repairs }) => ({ time, timeExact, repairs }))).toEqual(
    times.map((time) => ({ time, timeExact: true, repairs: [] })),
  );
  expect(unread[3]!.lastTime).toBe(16_000_000n);
  expect(inspect(image).diagnostics).toEqual([]);
  expect(salvaged(bytes).written).toEqual(bytes);
});

test("a time stamp of 0 is a lost one where the clock ticks seldom, though its sub-buffer was filled within a tick", () => {
  const bytes = ringOf([ticking(0), ticking(1), ticking(0), ticking(1)]);
  for (const [k, time] of [0n, 360_000n, 360_002n, 360_002n].entries()) stamp(bytes, k, time);
  const { unread } = readingOf(open(bytes)).cpus[0]!;
  expect(unread.map(({ time, timeExact }) => [time, timeExact])).toEqual([
    [360_000n, false],
    [360_000n, true],
    [360_002n, true],
    [360_002n, true],
  ]);
});

test("a commit of more than a sub-buffer holds is one damaged place", () => {
  const bytes = ringOf([0, 1, 2, 3].map(() => (page: SubbufBuilder) => usualEvents(page)));
  view(bytes).setUint32(dataOf(bytes, 1) - HEADER + 8, SIZE - HEADER + 4, true);
  const { diagnostics } = inspect(open(bytes));
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    [
      "subbuf-commit",
      "commit is 4084, more than the 4080 bytes of a sub-buffer; the records go on to 4080: 204 events are read (at offset 0x5008)",
    ],
  ]);
});

test("what looks like a full sub-buffer's filler where the file is cut is none: salvaging again changes nothing", () => {
  const image = ringOf(Array.from({ length: 24 }, () => (page: SubbufBuilder) => usualEvents(page)));
  // The oldest is the thirteenth: the last in the file is not the newest.
  for (let k = 0; k < 24; k++) stamp(image, k, START + BigInt((k + 12) % 24) * EVERY);
  const { spans, values } = open(image).cpus[0]!.meta!;
  view(image).setBigUint64(spans.commit_buffer.offset, values.first_buffer + BigInt(12 * SIZE), true);
  view(image).setBigUint64(spans.head_buffer.offset, values.first_buffer + BigInt(13 * SIZE), true);
  const filler = dataOf(image, 23) + 60 * (usual.length + 4);
  view(image).setBigUint64(dataOf(image, 23) - HEADER + 8, 21_564_560n, true);
  view(image).setUint32(filler, 29, true);
  const { written } = salvaged(image.slice(0, filler + 4));
  expect(salvaged(written).written).toEqual(written);
});
