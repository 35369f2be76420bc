import { afterAll, describe, expect, test } from "@jest/globals";
import { salvage } from "../../src/reading/salvage/salvage.js";
import { layoutOf, RING_BUFFER_CPU_META } from "../../src/ring/structs.js";
import { Dump, dumpNames } from "../support/images.js";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { haveOracle, oracleCases, patched } from "../support/oracle.js";
import { eventsOf, offsetsOf, open, salvaged } from "../support/salvaged.js";

/** By image: how many consumed events are brought back, for the console. */
const broughtBack: string[] = [];

describe("a salvaged image is kept whole by every kernel of its layout, and holds each unread event", () => {
  test.each(dumpNames())("%s", (name) => {
    const bytes = new Dump(name).bytes();
    const { back, kept, offsets, counted } = salvaged(bytes);
    const unread = offsetsOf(eventsOf(bytes));
    expect(kept).toBe(unread.length + back);
    expect(new Set(counted)).toEqual(new Set([kept]));
    const found = new Set(offsets);
    expect(unread.filter((offset) => !found.has(offset))).toEqual([]);
    if (back > 0) broughtBack.push(`${name}: ${unread.length} unread, ${back} brought back`);
  });
});

test.each(["v6.12-rewind", "v7.1-rewind"])("%s: consumed events are brought back", (name) => {
  expect(salvaged(new Dump(name).bytes()).back).toBeGreaterThan(0);
});

/** By how many undamaged events that the kernel kept salvage is short, and why. */
const SHORT: ReadonlyMap<string, number> = new Map([
  // A length that a bit changed, and that still leads to a record: what is likelier there is none of the true ones.
]);

test("of a CPU of which nothing is kept, head and commit are where a kernel makes them (rb_allocate_cpu_buffer())", () => {
  const bytes = madeImage(LE64, [() => {}, (page) => page.event(1, payload(LE64, 5, 1, []))]);
  const [empty] = open(bytes).cpus;
  const { offsets } = layoutOf(RING_BUFFER_CPU_META, LE64);
  const view = new DataView(bytes.buffer);
  const addressOf = (index: number) => empty!.firstBuffer! + BigInt(index * 4096);
  view.setBigUint64(empty!.metaOffset + offsets.head_buffer, addressOf(2), true);
  view.setBigUint64(empty!.metaOffset + offsets.commit_buffer, addressOf(3), true);
  expect(salvaged(bytes).kept).toBe(1);
  const [cpu] = open(salvage(open(bytes), bytes.length).area.read(0)).cpus;
  expect({ reader: cpu!.reader.id, head: cpu!.head?.id, commit: cpu!.commit?.id }).toEqual({
    reader: 0,
    head: 1,
    commit: 1,
  });
});

const tally = { saved: 0, kernel: 0, whole: 0 };

describe("a salvaged damaged image is kept whole, and lacks no undamaged event that the kernel kept, but for known ones", () => {
  if (!haveOracle) {
    test.skip("no oracle here", () => {});
    return;
  }
  for (const { name, base, patch, kernel: release, fault } of oracleCases())
    test(name, () => {
      const bytes = new Dump(base).bytes();
      const damaged = patched(bytes, patch);
      const { kept, offsets } = salvaged(damaged);
      const whole = new Set(offsetsOf(eventsOf(bytes)));
      tally.saved += kept;
      tally.whole += whole.size;
      // It crashed over the image, and kept nothing.
      if (fault !== undefined) return;
      const found = new Set(offsets);
      const lacking: number[] = [];
      for (const { offset, record, data, dataSize } of eventsOf(damaged, { asKernel: { release } })) {
        tally.kernel++;
        const end = offset + (data - record) + dataSize;
        const same = Buffer.from(bytes.subarray(offset, end)).equals(damaged.subarray(offset, end));
        if (same && whole.has(offset) && !found.has(offset)) lacking.push(offset);
      }
      expect(lacking).toHaveLength(SHORT.get(name) ?? 0);
    });
});

afterAll(() => {
  process.stderr.write(`salvage:\n${broughtBack.join("\n")}\n`);
  const { saved, kernel, whole } = tally;
  process.stderr.write(`damaged: ${saved} events saved; the kernels kept ${kernel}; ${whole} were unread before\n`);
});
