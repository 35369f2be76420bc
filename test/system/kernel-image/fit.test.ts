import { expect, test } from "@jest/globals";
import { latin1 } from "../../../src/ground/latin1.js";
import { chooseKernel } from "../../../src/system/kernel-image/chosen-kernel.js";
import { kernelFit, type WritingBoot } from "../../../src/system/kernel-image/fit.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { gatherSystem } from "../../../src/system/load.js";
import { movedKallsyms } from "../../../src/system/symbols/moved-kallsyms.js";
import { buildKernel } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const kernel = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
const text = kernel.symbols!.addressOf("_text")!;
/** sched/first is 21: 44 bytes, its name behind them. */
const RIGHT: WritingBoot = {
  abi: { littleEndian: true, longSize: 8 },
  hasScratch: true,
  text,
  marks: undefined,
  modules: [],
  sizes: new Map([
    [21, new Map([[52, 30]])],
    [22, new Map([[8, 5]])],
  ]),
  functions: new Set(),
};

test("sizes of records prove a kernel", () => {
  expect(kernelFit(kernel, RIGHT)).toMatchObject({ verdict: "fits", moved: 0n });
});

test.each<[string, Partial<WritingBoot>, string]>([
  ["another byte order", { abi: { littleEndian: false, longSize: 8 } }, "machine"],
  ["the layout of another version", { hasScratch: false, text: undefined }, "layout"],
  ["a _text that KASLR cannot have moved there", { text: text + 0x1000n }, "_text"],
  ["records too short for their event", { sizes: new Map([[21, new Map([[16, 30]])]]) }, "records"],
  ["records too long for an event of one size", { sizes: new Map([[22, new Map([[400, 30]])]]) }, "records"],
])("%s contradicts", (_, change, what) => {
  const { verdict, evidence } = kernelFit(kernel, { ...RIGHT, ...change });
  expect(evidence.filter((one) => one.verdict === "contradicts").map((one) => one.what)).toEqual([what]);
  expect(verdict).toBe("wrong");
});

test("KASLR is told by how far _text lies from where it was linked", () => {
  expect(kernelFit(kernel, { ...RIGHT, text: text + 0x1e00000n }).moved).toBe(0x1e00000n);
});

test("where _text is no symbol, it is where the kernel begins", () => {
  const own = kernel.symbols!;
  const symbols = Object.assign(Object.create(own), {
    addressOf: (name: string) => (name === "_text" ? undefined : own.addressOf(name)),
  });
  const boot = { ...RIGHT, text: SMALL_KERNEL.address + 0x1e00000n };
  expect(kernelFit({ ...kernel, symbols }, boot).moved).toBe(0x1e00000n);
});

/** The same kernel with an event that names functions as what will be called. */
const ENDED = { ...SMALL_KERNEL, room: { _etext: 16 } };
const ended = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(ENDED).elf });
const CALLING = {
  ...ended,
  events: [
    ...ended.events,
    {
      id: 400,
      event: {
        system: "timer",
        name: "hrtimer_start",
        fixedId: 0,
        fields: ["function", "caller"].map((name, i) => ({
          type: "void *",
          name,
          offset: 8 + 8 * i,
          size: 8,
          signed: false,
          len: 0,
        })),
        printFmt: '"function=%ps caller=%pS", REC->function, REC->caller',
      },
    },
  ],
};

test.each<[string, bigint, "fits" | "possible" | "wrong"]>([
  ["where functions begin prove a kernel", 0n, "fits"],
  ["elsewhere contradict", 2n, "wrong"],
])("callbacks %s", (_, off, verdict) => {
  const moved = 0x1e00000n;
  const { symbols } = CALLING;
  const starts = [...new Set(Array.from({ length: symbols!.count }, (__, i) => symbols!.address(i)))]
    .filter((address) => address >= text && address < symbols!.addressOf("_etext")!)
    .slice(0, 4);
  expect(starts).toHaveLength(4);
  const asked: ReadonlyMap<number, readonly number[]>[] = [];
  const boot = (many: number): WritingBoot => ({
    ...RIGHT,
    text: text + moved,
    sizes: new Map(),
    words: (offsets) => {
      asked.push(offsets);
      return new Set(starts.slice(0, many).map((address) => address + moved + off));
    },
  });
  expect(kernelFit(CALLING, boot(4)).verdict).toBe(verdict);
  // The place that calls says nothing.
  expect(asked[0]).toEqual(new Map([[400, [8]]]));
  expect(kernelFit(CALLING, boot(3)).verdict).toBe("possible");
});

test("of kernels that fit, the others are named; one that does not is passed over, wherever it stands", async () => {
  const files = await gatherSystem([]);
  const add = (origin: string, spec: typeof SMALL_KERNEL): void => {
    files.kernels.push({ origin, path: origin, bytes: () => buildKernel(spec).elf });
  };
  add("other", { ...SMALL_KERNEL, events: SMALL_KERNEL.events.slice(0, 2) });
  add("right", SMALL_KERNEL);
  add("again", SMALL_KERNEL);
  const { found } = await chooseKernel(files, RIGHT);
  expect(found).toMatchObject({ file: "right", rivals: [] });
  add("like it", { ...SMALL_KERNEL, buildByte: 0xcd });
  expect((await chooseKernel(files, RIGHT)).found?.rivals).toEqual(["like it"]);
});

test("an image without events excludes nothing", () => {
  expect(kernelFit(kernel, { ...RIGHT, text: undefined, sizes: new Map() }).verdict).toBe("possible");
});

test("a kernel's symbols and strings can be shown as the boot showed them that wrote the image", async () => {
  const files = await gatherSystem([]);
  files.kernels.push({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
  const boot = { ...RIGHT, text: text + 0x1e00000n };
  const linked = (await chooseKernel(files, boot)).files;
  const shown = (await chooseKernel(files, boot, { asShown: true })).files;
  const addresses = (bytes: Uint8Array) =>
    latin1(bytes)
      .match(/^(?:0x)?[0-9a-f]+/gm)!
      .map((hex) => BigInt(`0x${hex.replace("0x", "")}`));
  expect(addresses(shown.kallsyms!.bytes)).toEqual(
    addresses(linked.kallsyms!.bytes).map((address) => address + 0x1e00000n),
  );
  expect(latin1(linked.printkFormats!)).toMatch(/^0x[0-9a-f]+ : "a format\\n"\n/);
  expect(addresses(shown.printkFormats!)).toEqual(
    addresses(linked.printkFormats!).map((address) => address + 0x1e00000n),
  );
  expect(latin1(shown.printkFormats!).replace(/^\S+/gm, "")).toBe(latin1(linked.printkFormats!).replace(/^\S+/gm, ""));
  expect(latin1(shown.kallsyms!.bytes).replace(/^\S+/gm, "")).toBe(
    latin1(linked.kallsyms!.bytes).replace(/^\S+/gm, ""),
  );
});

test("what moves: all of the kernel, behind _end too, but no absolute symbol and no module", () => {
  const file = Buffer.from(
    "0000000000000010 A cpu_data\nffffffff81000000 T _text\nffffffff84230000 B _end\n" +
      "ffffffff84400000 D __init_scratch_begin\nffffffffc0000000 t f\t[mod]\n",
  );
  const lines = ["ffffffffc0100000 t f\t[mod]\n"];
  expect(latin1(movedKallsyms(file, { lines: () => lines }, 0x1ce00000n))).toBe(
    "0000000000000010 A cpu_data\nffffffff9de00000 T _text\nffffffffa1030000 B _end\n" +
      `ffffffffa1200000 D __init_scratch_begin\n${lines[0]}`,
  );
});

test("without any module's file it is said which modules had events; collected formats tell these", async () => {
  const files = await gatherSystem([]);
  files.kernels.push({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
  const modules = [{ name: "ext4", address: 0xffffffffc0601000n }];
  const sizes = new Map([...RIGHT.sizes, [1000, new Map([[8, 5]])]]);
  const notes = async (boot: WritingBoot) => (await chooseKernel(files, boot)).found?.modules?.notes;
  expect(await notes({ ...RIGHT, modules, sizes })).toEqual([
    "no file for 1 modules of the writing boot: ext4; events of modules are not numbered: name their package, or their folder, too",
  ]);
  expect(await notes({ ...RIGHT, modules })).toBeUndefined();
  expect(await notes({ ...RIGHT, sizes })).toBeUndefined();
  files.collected.formats.push({ system: "ext4", path: "events/ext4/one/format", bytes: new Uint8Array(0) });
  expect(await notes({ ...RIGHT, modules, sizes })).toBeUndefined();
});
