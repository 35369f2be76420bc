import { expect, test } from "@jest/globals";
import type { WritingBoot } from "../../../src/system/kernel-image/fit.js";
import { loadedModules } from "../../../src/system/kernel-image/loaded-modules.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { buildKernel } from "../../support/build-kernel.js";
import { buildModule } from "../../support/build-module.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const kernel = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
const file = (name: string) => ({ origin: name, path: `${name}.ko`, bytes: () => buildModule(name, `${name}_event`) });
const FILES = [file("first"), file("second"), file("third")];
const NO_SOURCES = { moved: undefined, stated: undefined, collected: undefined };

/** An image that lists modules, newest last, with records of so many bytes for each of their numbers. */
const boot = (modules: readonly string[], addresses: readonly bigint[], ...sizes: number[]): WritingBoot => ({
  abi: { littleEndian: true, longSize: 8 },
  hasScratch: true,
  text: undefined,
  marks: undefined,
  modules: modules.map((name, i) => ({ name, address: addresses[i] ?? 0n })),
  sizes: new Map(sizes.map((size, i) => [kernel.nextId + i, new Map([[size, 1]])])),
  functions: new Set(),
});

const of = async (...args: Parameters<typeof boot>) => {
  const { events, doubtful, notes } = await loadedModules(kernel, FILES, boot(...args), NO_SOURCES);
  return {
    events: events.map(({ id, event }) => `${id - kernel.nextId} ${event.name}`),
    doubtful: [...doubtful].map((id) => id - kernel.nextId),
    notes,
  };
};

test("a module without a file puts those in doubt that were loaded after it", async () => {
  const { events, doubtful, notes } = await of(["first", "made_up"], []);
  expect(events).toEqual(["0 first_event"]);
  // The first entries may stand in reverse: it may have been loaded first.
  expect(doubtful).toEqual([0]);
  expect(notes).toEqual([
    "no file for 1 modules of the writing boot: made_up; events of modules that were loaded after them are doubtful",
  ]);
  const order = { names: ["first", "made_up", "second"], addresses: new Map<string, bigint>() };
  const stated = await loadedModules(kernel, FILES, boot([], []), { ...NO_SOURCES, stated: order });
  expect(stated.events.map(({ event: { name } }) => name)).toEqual(["first_event", "second_event"]);
  expect([...stated.doubtful]).toEqual([kernel.nextId + 1]);
});

test("where records contradict what would stand behind a module without a file, it is not numbered", async () => {
  const order = { names: ["first", "made_up", "second"], addresses: new Map<string, bigint>() };
  const { events, doubtful } = await loadedModules(kernel, FILES, boot([], [], 16, 64), {
    ...NO_SOURCES,
    stated: order,
  });
  expect(events.map(({ event: { name } }) => name)).toEqual(["first_event"]);
  expect([...doubtful]).toEqual([]);
});

test("modules that stand by address may have been loaded in any order: events of one size are in doubt", async () => {
  const sorted = [0xffffffffc0000000n, 0xffffffffc0100000n, 0xffffffffc0200000n];
  const { doubtful, notes } = await of(["first", "second", "third"], sorted, 16, 16, 16);
  expect(doubtful.sort()).toEqual([0, 1, 2]);
  expect(notes).toHaveLength(1);
});

test("of modules that stand by address, records of events of other sizes settle the order", async () => {
  const sorted = [0xffffffffc0000000n, 0xffffffffc0100000n, 0xffffffffc0200000n];
  const wide = { ...file("second"), bytes: () => buildModule("second", "second_event", 24) };
  const files = [file("first"), wide, file("third")];
  const image = boot(["first", "second", "third"], sorted, 32, 16, 16);
  const { events, doubtful, notes } = await loadedModules(kernel, files, image, NO_SOURCES);
  // No order that a list of that boot's own could stand for begins with the second and goes on with the third.
  expect(events.find(({ id }) => id === kernel.nextId)?.event.name).toBe("second_event");
  expect([...doubtful].map((id) => id - kernel.nextId).sort()).toEqual([1, 2]);
  expect(notes[0]).toMatch(
    /^the modules stand by address, .*: another load order fits these as well: 2 kinds of event/,
  );
});
