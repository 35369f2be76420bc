import { expect, test } from "@jest/globals";
import { latin1 } from "../../../src/ground/latin1.js";
import { contextFilesOf } from "../../../src/system/kernel-image/context-files.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { buildKernel } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";
import { eventBtf } from "../make-btf.js";

const open = (file: Uint8Array) => openKernel({ origin: "kernel", path: "kernel", bytes: () => file });
const formatsOf = async (file: Uint8Array) =>
  contextFilesOf(await open(file)).formats.map(({ path, bytes }) => `${path}\n${latin1(bytes)}`);

test.each([true, false])(
  "a layout that no table knows is read by the types (little-endian: %s)",
  async (littleEndian) => {
    const abi = { littleEndian, longSize: 8 as const };
    const known = await formatsOf(buildKernel({ ...SMALL_KERNEL, abi }).elf);
    const spec = { ...SMALL_KERNEL, abi, gap: 3, btf: eventBtf(littleEndian, 3) };
    const read = await formatsOf(buildKernel(spec).elf);
    // The first free number is the types' as well.
    const renumbered = known.map((text) => text.replace(/^ID: (2[1-9])$/m, (_, id) => `ID: ${Number(id) + 9}`));
    expect(read).toEqual(renumbered);
  },
);

test("types of another build are an error that names the struct", async () => {
  const wrong = buildKernel({ ...SMALL_KERNEL, btf: eventBtf(true, 0, true) }).elf;
  await expect(open(wrong)).rejects.toThrow(
    "kernel: its BTF disagrees with its event descriptions: trace_event_call: data at 88, not 80; trace_event_call: flags at 96, not 88; trace_event_call: tracepointFlag at 16, not 8",
  );
  const early = buildKernel({ ...SMALL_KERNEL, filter: true, btf: eventBtf(true, 0, true) }).elf;
  expect((await open(early)).events).toHaveLength(8);
});
