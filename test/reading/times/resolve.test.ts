import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Sequence } from "../../../src/ground/sequence.js";
import type { CpuArea } from "../../../src/image/cpu-area.js";
import type { Image } from "../../../src/image/image.js";
import { Candidate } from "../../../src/reading/subbuf-reading.js";
import { SubbufTable } from "../../../src/reading/subbuf-table.js";
import { resolveTimes } from "../../../src/reading/times/resolve.js";
import { firstLater, TimeOrder } from "../../../src/reading/times/time-order.js";
import { SubbufHeader } from "../../../src/ring/subbuf.js";

const START = 16;
const END = 64;

/** Unread sub-buffers, all but the first few without a time stamp; each takes a time of its own. */
function placed(count: number, stamps: readonly bigint[]) {
  const indexById = Int32Array.from({ length: count }, (_, id) => id);
  const cpu = { nrSubbufs: count, indexById, idByIndex: indexById } as unknown as CpuArea;
  const roles = new Uint8Array(count).fill(1);
  const table = SubbufTable.of(cpu, { ids: indexById, roles, commit: count - 1 }, START);
  const pages = new Sequence(count, (i) => new Candidate(table, i));
  for (let i = 0; i < count; i++) {
    const page = pages.at(i);
    page.role = "unread";
    page.header = new SubbufHeader(stamps[i] ?? 0n, 0, END - START, undefined);
    page.records = { ...page.records, events: 1, start: START, end: END, first: 1, last: 1 + i, full: true };
    page.evidence = "unread";
  }
  return { cpu, pages };
}

test("any number of sub-buffers may have lost their time stamps", () => {
  // More than a function takes arguments.
  const count = 150_000;
  const { cpu, pages } = placed(count, [1000n]);
  const image = { subbufs: { capacity: 4080 } } as unknown as Image;
  const order = resolveTimes(image, cpu, pages);
  expect(order.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => i));
});

test("a page is put behind those that are no later, among any number", () => {
  const page = (time: number) => ({ time: BigInt(time) }) as Candidate;
  const times = fc.array(fc.nat(40), { maxLength: 30 });
  fc.assert(
    fc.property(times, times, fc.nat(2500), (given, added, more) => {
      const many = [...given, ...Array.from({ length: more }, (_, i) => i % 40)].sort((a, b) => a - b);
      const known = many.map(page);
      const order = new TimeOrder(known);
      for (const time of added) {
        const place = firstLater(known, BigInt(time));
        expect(order.around(BigInt(time))).toEqual({ before: known[place - 1], after: known[place] });
        const one = page(time);
        known.splice(place, 0, one);
        order.insert(one);
      }
      const all = order.pages();
      expect(all.length).toBe(known.length);
      expect(all.every((one, i) => one === known[i])).toBe(true);
      expect([order.first, order.last]).toEqual([known[0], known.at(-1)]);
    }),
    { numRuns: 50 },
  );
});
