import { expect, test } from "@jest/globals";
import { explainIds } from "../../src/compare/id-order.js";
import { openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { diffImages } from "../../src/report/diff-images.js";
import { diffViews } from "../../src/report/diff-views.js";
import { getReader } from "../../src/user/get-reader.js";
import { Mapping } from "../../src/user/mapping.js";
import { stateAfterBoot, stateAsIs } from "../../src/user/state.js";
import { Dump, realImages } from "../support/images.js";
import { difference } from "../support/oracle.js";

const images = realImages.filter(({ info }) => info.bytes < 8 << 20);

test.each(images)(
  "$name: the kernel's order in diff is the order in which GET_READER gives the sub-buffers",
  async (dump) => {
    const image = await openImage(dump.bytes());
    const { kernel } = dump.info;
    const report = diffViews(image, { kernel, pages: true });
    const { cpus } = stateAfterBoot(image, kernelBehaviour(kernel));
    expect(cpus).toHaveLength(dump.info.cpus);
    for (const { cpu, buffer } of cpus) {
      const { views } = report.cpus[cpu]!;
      expect({ cpu, buffer: !!buffer, views: !!views }).toEqual({ cpu, buffer: true, views: true });
      const mapping = new Mapping(buffer!, kernelBehaviour(kernel));
      const given: number[] = [];
      let events = 0;
      for (;;) {
        const step = getReader(mapping);
        if (step.empty) break;
        given.push(step.readerId);
        events += step.events;
      }
      const live = [...views!.pages!].filter(({ state, events: found }) => state === "unread" && found > 0);
      expect({ cpu, given: live.map(({ userId }) => userId), events: views!.unreadEvents }).toEqual({
        cpu,
        given,
        events,
      });
    }
  },
);

test("diff before after: what a reader did, in the kernel's terms", async () => {
  const image = await openImage(new Dump("v7.3-read").bytes("image.bin.gz"));
  const state = stateAsIs(image, kernelBehaviour("7.3"));
  const { buffer } = state.cpus[0]!;
  const mapping = new Mapping(buffer!, kernelBehaviour("7.3"));
  const swaps = [1, 2, 3, 4].flatMap(() => [...getReader(mapping).swaps]);
  expect(swaps.length).toBe(3);
  const report = diffImages(image, await openImage(buffer!.area.bytes.read(0)));
  const [cpu0, cpu1] = report.cpus;
  expect(report.same).toBe(false);
  expect(cpu1!.changed).toBe(false);
  expect(cpu0!.order).toEqual({ kind: "swapped", swaps: swaps.map(({ id, taken, given }) => ({ id, taken, given })) });
  expect(cpu0!.head).toEqual({ from: { id: 26, index: 25 }, to: { id: 29, index: 29 } });
  expect(cpu0!.subbufs.map(({ kind, index }) => `${kind} ${index}`)).toEqual([
    "cleared 25",
    "cleared 26",
    "cleared 27",
  ]);
});

test("diff before after: what a boot did, in the kernel's terms", async () => {
  const rewound = new Dump("v7.1-rewind");
  const a = await openImage(rewound.bytes("image.bin.gz"));
  const report = diffImages(a, await openImage(rewound.bytes("after-boot.bin.gz")));
  const text = rewound.text("boot.txt");
  for (const cpu of report.cpus) {
    const said = Number(new RegExp(`Ring buffer \\[${cpu.cpu}\\] rewound (\\d+) pages`).exec(text)?.[1] ?? 0);
    expect(cpu.subbufs.filter(({ kind }) => kind === "rewound").length).toBe(said);
    if (said > 0) expect(cpu.order.kind).toBe("renumbered");
  }
});

test.each(images.filter((dump) => dump.has("after-boot.bin.gz")))(
  "$name: diff before after says that nothing changed where nothing did",
  async (dump) => {
    const [before, after] = [dump.bytes(), dump.bytes("after-boot.bin.gz")];
    const found = diffImages(await openImage(before), await openImage(after));
    expect(found.same).toBe(difference(before, after) === undefined);
  },
);

test("explainIds: a large ring that was read all through, and one in no order", () => {
  const [nr, taken] = [400_000, 150_000];
  const read = Array.from({ length: nr }, (_, id) => id);
  for (let id = 1; id <= taken; id++) [read[0], read[id]] = [read[id]!, read[0]!];
  const chain = explainIds(read);
  expect([chain.taken.length, chain.taken[0], chain.taken.at(-1)]).toEqual([
    taken,
    { id: 1, index: 1, replacedBy: 0 },
    { id: taken, index: taken, replacedBy: taken - 1 },
  ]);
  // A step that is prime to the length: each id moved by another number.
  expect(explainIds(Array.from({ length: nr }, (_, id) => (id * 7919) % nr)).moved).toBeGreaterThan(nr / 2);
});

test("explainIds: the chain of a reader, and what is none", () => {
  const plain = explainIds([0, 1, 2, 3, 4]);
  expect(plain).toEqual({ moved: 0, leastSwaps: 0, taken: [], renumbered: false, runs: [] });
  // Head at id 2: index 2 taken, 0 given; then id 3: index 3 taken, 2 given.
  const read = explainIds([3, 1, 0, 2, 4, 5, 6, 7]);
  expect(read.taken).toEqual([
    { id: 2, index: 2, replacedBy: 0 },
    { id: 3, index: 3, replacedBy: 2 },
  ]);
  expect(read.leastSwaps).toBe(2);
  expect(explainIds([1, 2, 3, 4, 5, 0]).renumbered).toBe(true);
  expect(explainIds([0, 2, 1, 3, 4, 5])).toMatchObject({ moved: 2, leastSwaps: 3, taken: [] });
});
