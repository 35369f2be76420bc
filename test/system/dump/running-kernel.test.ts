import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { openInput } from "../../../src/input/memory/open.js";
import { dumpKernel } from "../../../src/system/dump/dump-kernel.js";
import { runningKernel } from "../../../src/system/dump/running-kernel.js";
import { KERNELS, PANIC } from "../../support/collection.js";
import { rbtool } from "../../support/run.js";

const onPanic = existsSync(PANIC) ? test : test.skip;
const DUMP = join(PANIC, "kdump-zlib-d31");
const KERNEL = join(KERNELS, "6.12.117+deb13-cloud-amd64");

onPanic("a panicked machine's memory: its kernel's own symbols, strings, types and names of tasks", async () => {
  const { memory } = await openInput(DUMP);
  const { files, names } = runningKernel(memory!, dumpKernel(memory!)!)!;
  const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.includes("["));
  const truth = lines(gunzipSync(readFileSync(join(KERNEL, "kallsyms.gz"))).toString("latin1"));
  const found = lines(Buffer.from(files.kallsyms!).toString("latin1"));
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

onPanic("what is taken from a dump is said; what files say comes first", async () => {
  const alone = await rbtool(["events", "--no-live", DUMP]);
  expect(alone.stderr).toMatch(
    /read from the dump: strings at its addresses, symbols, printk formats, types \(BTF\), names of \d+ tasks/,
  );
  const given = await rbtool(["events", "--no-live", "--system", KERNEL, DUMP]);
  expect(given.stderr).toMatch(/read from the dump: strings at its addresses, printk formats, types/);
});
