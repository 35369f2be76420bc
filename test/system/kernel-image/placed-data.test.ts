import { expect, test } from "@jest/globals";
import { contextFilesOf } from "../../../src/system/kernel-image/context-files.js";
import type { KernelModule } from "../../../src/system/kernel-image/module.js";
import { openModule } from "../../../src/system/kernel-image/module.js";
import type { DataRegion } from "../../../src/system/kernel-image/module-data.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { type PlacedRegion, placeData, symbolFields } from "../../../src/system/kernel-image/placed-data.js";
import { eventLayout } from "../../../src/system/kernel-image/structs.js";
import { buildKernel } from "../../support/build-kernel.js";
import { buildModule } from "../../support/build-module.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const region = (size: number, ...tables: number[]): DataRegion => ({
  region: "rodata",
  size,
  symbols: [],
  tables: new Set(tables),
  textAt: () => undefined,
});

const at = (name: string, address: bigint | undefined, ...regions: DataRegion[]) => {
  const module: KernelModule = {
    name,
    depends: [],
    events: [],
    text: [],
    textSize: 0x1000,
    data: () => regions,
    btf: undefined,
  };
  return { module, address };
};

const TEXT = 0xffffffffc0400000n;
const placed = (
  modules: readonly ReturnType<typeof at>[],
  pointers: readonly bigint[],
  atWork = modules.map(({ module }) => module.name),
  kernel?: readonly [bigint, bigint],
) =>
  [...placeData(modules, { pointers, kernel, atWork: new Set(atWork) })].map(
    ([name, regions]: [string, PlacedRegion[]]) => [name, ...regions.map(({ address }) => address.toString(16))],
  );

test("an address in records that only one table can have says where its region lies", () => {
  const ext4 = at("ext4", TEXT, region(0x4000, 0x1950, 0x1970));
  const nvme = at("nvme", TEXT + 0x1000n, region(0x2000, 0x150));
  const pointers = [0xffffffffc0602970n, 0xffffffffc0602950n];
  expect(placed([ext4, nvme], pointers)).toEqual([["ext4", "ffffffffc0601000"]]);
  expect(placed([ext4, nvme], [])).toEqual([]);
});

test("where two could lie there, the one that explains more counts; of equals, none", () => {
  const ext4 = at("ext4", TEXT, region(0x4000, 0x1950, 0x1970));
  const one = at("one", TEXT + 0x1000n, region(0x4000, 0x2970));
  const both = at("both", TEXT + 0x2000n, region(0x4000, 0x2950, 0x2970));
  const pointers = [0xffffffffc0602970n, 0xffffffffc0602950n];
  expect(placed([ext4, one], pointers)).toEqual([["ext4", "ffffffffc0601000"]]);
  expect(placed([ext4, both], pointers)).toEqual([]);
  // A module that did nothing is not asked for.
  expect(placed([ext4, both], pointers, ["ext4"])).toEqual([["ext4", "ffffffffc0601000"]]);
  expect(placed([ext4], pointers, [])).toEqual([]);
});

test("one region lies in one place", () => {
  const ext4 = at("ext4", TEXT, region(0x4000, 0x1950, 0x1970));
  expect(placed([ext4], [0xffffffffc0602970n, 0xffffffffc0703950n])).toEqual([]);
});

test("a region does not lie over the text of modules or over the kernel", () => {
  const ext4 = at("ext4", TEXT, region(0x4000, 0x1950));
  const pointer = 0xffffffffc0602950n;
  const other = at("other", 0xffffffffc0603000n);
  expect(placed([ext4, other], [pointer])).toEqual([]);
  expect(placed([ext4], [pointer], ["ext4"], [0xffffffffc0603000n, 0xffffffffc0700000n])).toEqual([]);
  expect(placed([ext4], [pointer], ["ext4"], [0xffffffff81000000n, 0xffffffff83000000n])).toHaveLength(1);
});

test("what is far from every module, or in its text, is no data of one", () => {
  const ext4 = at("ext4", TEXT, region(0x4000, 0x1950));
  expect(placed([ext4], [0xffff888000001950n, TEXT + 0x950n])).toEqual([]);
  expect(placed([at("ext4", 0xffff800070000000n, region(0x4000, 0x1950))], [0xffffffffc0602950n])).toEqual([]);
  // No region begins inside a page.
  expect(placed([ext4], [0xffffffffc0602954n])).toEqual([]);
  expect(placed([at("ext4", undefined, region(0x4000, 0x1950))], [0xffffffffc0602950n])).toEqual([]);
});

test("words are taken of fields that the print format prints as symbols", () => {
  const field = (name: string, offset: number, size = 8) => ({
    type: "const void *",
    name,
    offset,
    size,
    signed: false,
    len: 0,
  });
  const event = (id: number, printFmt: string) => ({
    id,
    event: {
      system: "t",
      name: "e",
      fixedId: 0,
      fields: [field("ops", 8), field("n", 16), field("k", 24, 4)],
      printFmt,
    },
  });
  const events = [event(1, '"%pS %u", REC->ops, REC->k'), event(2, '"%p", REC->ops'), event(3, '"%ps", REC->n')];
  expect(symbolFields(events, 8)).toEqual(
    new Map([
      [1, [8]],
      [3, [16]],
    ]),
  );
});

test("a module whose place is told has symbols and texts there", async () => {
  const kernel = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
  const bytes = buildModule("testing", "happened");
  const module = await openModule({ origin: "m", path: "testing.ko", bytes: () => bytes }, eventLayout(8, false, 4));
  const [rodata, data] = module.data();
  expect(data).toMatchObject({ region: "data" });
  expect(rodata).toMatchObject({ region: "rodata", symbols: [{ name: "its_ops", type: "r", offset: 16n }] });
  expect([...rodata!.tables]).toEqual([16]);
  expect(rodata!.textAt(0)).toBe("__func__ of it");
  expect(rodata!.textAt(rodata!.size)).toBeUndefined();
  expect(data!.textAt(0)).toBeUndefined();
  const address = 0xffffffffc0601000n;
  const files = contextFilesOf(kernel, {
    modules: [{ module, address: TEXT, data: [{ region: rodata!, address, by: [] }] }],
    events: [],
    doubtful: new Set(),
    notes: [],
  });
  const lines = Buffer.from(files.kallsyms!.bytes).toString("latin1").split("\n");
  expect(lines).toContain("ffffffffc0400000 t a_function\t[testing]");
  expect(lines).toContain("ffffffffc0601010 r its_ops\t[testing]");
  expect(files.kernelText?.moduleTextAt?.(address)).toBe("__func__ of it");
  expect(files.kernelText?.moduleTextAt?.(address - 1n)).toBeUndefined();
  expect(files.regionEnds).toEqual([TEXT + 16n, address + 32n]);
});

test("what macros make beside the source's own tables tells nothing", async () => {
  const bytes = Buffer.from(buildModule("testing", "happened"));
  bytes.write("__s_ops", bytes.indexOf("its_ops"), "latin1");
  const module = await openModule({ origin: "m", path: "testing.ko", bytes: () => bytes }, eventLayout(8, false, 4));
  const [rodata] = module.data();
  expect(rodata!.symbols).toMatchObject([{ name: "__s_ops" }]);
  expect([...rodata!.tables]).toEqual([]);
});
