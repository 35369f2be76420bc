import { openSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FileSource } from "../../src/input/file-source.js";
import { type BootResult, boot } from "../../src/kernel/boot.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { scratchFolder } from "../support/command-lines.js";

const GIB = 2 ** 30;
/** Of each layout one. */
const RELEASES = ["6.12.0", "6.15.0", "7.3.0"];

/** Boots a kernel of 64K pages on memory that nobody wrote yet. */
function bootOn(size: number, nrCpus: number, release: string): BootResult {
  const folder = scratchFolder();
  try {
    const path = join(folder.path, "empty.bin");
    writeFileSync(path, "");
    truncateSync(path, size);
    const source = new FileSource(openSync(path, "r"), path);
    const abi = { littleEndian: true, longSize: 8 } as const;
    const virt = 0xffff888100000000n;
    return boot(source, { kernel: kernelBehaviour(release), abi, pageSize: 0x10000, nrCpus, virt });
  } finally {
    folder.remove();
  }
}

test.each(RELEASES)("%s: up to 2 GiB a CPU all is well", (release) => {
  const { fault, cpus } = bootOn(4 * GIB, 2, release);
  expect(fault).toBeUndefined();
  expect(cpus.map(({ stats }) => stats?.entries)).toEqual([0, 0]);
});

test.each(RELEASES)("%s: beyond, the next CPU's part lies before the area, and memory is overwritten", (release) => {
  const { fault } = bootOn(6 * GIB, 2, release);
  expect(fault).toMatchObject({ kind: "bad-access", function: "rb_range_meta_init", cpu: 0 });
  expect(fault!.message).toMatch(/^more than 2 GiB a CPU/);
});

test.each(RELEASES)("%s: of one CPU the sub-buffers beyond would lie before the area", (release) => {
  const { fault } = bootOn(3 * GIB, 1, release);
  expect(fault).toMatchObject({ kind: "unknown-memory", function: "rb_allocate_cpu_buffer", cpu: 0 });
  // Half of what an int holds, behind the first of them.
  expect(fault!.address! < 0xffff888100000000n).toBe(true);
});

test("where the product wraps past zero, a CPU's part lies in another's", () => {
  const { fault } = bootOn(10 * GIB, 2, "7.3");
  expect(fault).toMatchObject({ kind: "unknown-memory", function: "rb_allocate_cpu_buffer", cpu: 0 });
});
