import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { rawMemory } from "../../../src/input/memory/extents.js";
import { openInput } from "../../../src/input/memory/open.js";
import { MemorySource } from "../../../src/input/source.js";
import { dumpKernel } from "../../../src/system/dump/dump-kernel.js";
import { runningKernel } from "../../../src/system/dump/running-kernel.js";
import { gatherSystem } from "../../../src/system/load.js";
import { KERNELS, PANIC } from "../../support/collection.js";
import { rbtool } from "../../support/run.js";
import { DIRECT_MAP, runningMachine } from "../../support/running-machine.js";

/** The machine's memory, and what is read of its kernel. */
function readMachine(change: (bytes: Buffer) => void = () => {}) {
  const { bytes, vmcoreinfo } = runningMachine();
  change(bytes);
  const memory = rawMemory(new MemorySource(bytes));
  memory.vmcoreinfo = vmcoreinfo;
  const kernel = dumpKernel(memory)!;
  return { kernel, running: runningKernel(memory, kernel) };
}
const latin1 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");

test("a kernel at work: its symbols, types, tasks with their threads, and what the tracer remembers of them", () => {
  const { kernel, running } = readMachine((bytes) => bytes.write("in the direct map\0", 0x1234));
  const { files, names } = running!;
  expect(latin1(files.kallsyms?.bytes)).toMatch(/^ffffffff8[\da-f]+ B savedcmd$/m);
  expect(files.btf![0]!.bytes.subarray(0, 2)).toEqual(new Uint8Array([0x9f, 0xeb]));
  expect(latin1(files.cmdlines).split("\n").sort()).toEqual(
    ["", "1 init", "40 server, before", "41 worker 1", "42 worker 2", "4711 gone"].sort(),
  );
  expect(names).toEqual({ saved: 2, running: 3 });
  expect(kernel.text!.textAt(DIRECT_MAP + 0x1234n)).toBe("in the direct map");
});

test("lists that go round, and lead nowhere, end; names with a line feed are left out", () => {
  const place = 0x2_0000;
  const round = readMachine((bytes) => bytes.writeBigUInt64LE(DIRECT_MAP + BigInt(place), place));
  expect(round.running!.names).toEqual({ saved: 2, running: 1 });
  const nowhere = readMachine((bytes) => bytes.writeBigUInt64LE(0x1000n, place));
  expect(nowhere.running!.names).toEqual({ saved: 2, running: 1 });
  // The first process is its own next thread.
  const alone = readMachine((bytes) => bytes.writeBigUInt64LE(DIRECT_MAP + BigInt(place + 48), place + 48));
  expect(alone.running!.names).toEqual({ saved: 2, running: 3 });
  const forged = readMachine((bytes) => bytes.write("x\n1 evil", place + 20));
  expect(latin1(forged.running!.files.cmdlines)).not.toContain("evil");
});

test("without symbols nothing is taken", () => {
  const { kernel } = readMachine();
  const { bytes, vmcoreinfo } = runningMachine();
  const memory = rawMemory(new MemorySource(bytes));
  memory.vmcoreinfo = vmcoreinfo.replace(/^SYMBOL\(kallsyms.*\n/gm, "");
  expect(runningKernel(memory, dumpKernel(memory)!)).toBeUndefined();
  // Symbols that say they are further apart than any kernel is large.
  memory.vmcoreinfo = vmcoreinfo.replace(/kallsyms_offsets\)=\w+/, "kallsyms_offsets)=ffffffffffffff00");
  expect(runningKernel(memory, dumpKernel(memory)!)).toBeUndefined();
  expect(kernel.text).toBeDefined();
});

const onPanic = existsSync(PANIC) ? test : test.skip;
const DUMP = join(PANIC, "kdump-zlib-d31");
const KERNEL = join(KERNELS, "6.12.117+deb13-cloud-amd64");

onPanic("a panicked machine's memory: its kernel's own symbols, strings, types and names of tasks", async () => {
  const { memory } = await openInput(DUMP);
  const { files, names } = runningKernel(memory!, dumpKernel(memory!)!)!;
  const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.includes("["));
  const truth = lines(gunzipSync(readFileSync(join(KERNEL, "kallsyms.gz"))).toString("latin1"));
  const found = lines(Buffer.from(files.kallsyms!.bytes).toString("latin1"));
  // KASLR moved the kernel by as much as vmcoreinfo says: so each symbol but the absolute ones.
  const offset = dumpKernel(memory!)!.offset!;
  const moved = (line: string) => {
    const [address, ...rest] = line.split(" ");
    const at = BigInt(`0x${address}`);
    return [(at >= 1n << 63n ? at + offset : at).toString(16).padStart(16, "0"), ...rest].join(" ");
  };
  expect(found.length).toBe(truth.length);
  const all = new Set(found);
  expect(truth.map(moved).filter((line) => !all.has(line))).toEqual([]);
  expect(Buffer.from(files.printkFormats!).toString()).toMatch(/^0xffffffff[0-9a-f]{8} : "Start scheduler-tick"$/m);
  expect(files.btf![0]!.bytes.subarray(0, 2)).toEqual(new Uint8Array([0x9f, 0xeb]));
  const comms = Buffer.from(files.cmdlines!).toString("latin1");
  expect(comms).toMatch(/^1 swapper\/0$/m);
  expect(comms).toMatch(/^2 kthreadd$/m);
  expect(comms.split("\n").length - 1).toBe(names.saved + names.running);
});

onPanic(
  "its event formats, with the numbers of the boot that wrote: byte for byte the files that this kernel shows",
  async () => {
    const { memory } = await openInput(DUMP);
    const { files } = runningKernel(memory!, dumpKernel(memory!)!)!;
    const texts = (formats: readonly { readonly path: string; readonly bytes: Uint8Array }[]) =>
      new Map(formats.map(({ path, bytes }) => [path.replace(/^(\.\/)?(events\/)?/, ""), latin1(bytes)]));
    const truth = texts((await gatherSystem([KERNEL])).collected.formats);
    expect(truth.size).toBeGreaterThan(1500);
    expect(texts(files.formats)).toEqual(truth);
  },
);

onPanic("what is taken from a dump is said; what files say comes first", async () => {
  const alone = await rbtool(["events", "--no-live", DUMP]);
  expect(alone.stderr).toMatch(
    /read from the dump: strings at its addresses, formats of 1552 events \(the kernel's own, not its modules'\), symbols, printk formats, types \(BTF\), names of \d+ tasks/,
  );
  // No file of the kernel is needed.
  const given = await rbtool(["events", "--no-live", "--system", KERNEL, DUMP]);
  expect(given.stderr).toMatch(/read from the dump: strings at its addresses, names of \d+ tasks \(/);
  expect(given.stdout).toBe(alone.stdout);
});

onPanic("beside event formats that a person names, the text is that of the area saved by itself", async () => {
  const options = ["events", "--no-live", "--events", join(KERNEL, "events.tar.gz")];
  const alone = await rbtool([...options, join(PANIC, "region.bin.gz")]);
  const dumped = await rbtool([...options, DUMP]);
  expect(dumped.stdout.length).toBeGreaterThan(1_000_000);
  expect(dumped.stdout).toBe(alone.stdout);
});
