import { expect, test } from "@jest/globals";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { layoutOf, RING_BUFFER_META, TRACE_SCRATCH } from "../../src/ring/structs.js";
import { fixture } from "../support/images.js";

const DUMP = fixture("v7.3-few");
const SCRATCH = layoutOf(RING_BUFFER_META, DUMP.abi).size;
const { offsets, size } = layoutOf(TRACE_SCRATCH, DUMP.abi);

/** Whether a boot takes the scratch area for damaged, where it names one module so. */
function isRefused(name: readonly number[]): boolean {
  const bytes = Uint8Array.from(DUMP.bytes());
  bytes[SCRATCH + offsets.nr_entries] = 1;
  bytes.set(name, SCRATCH + size + DUMP.abi.longSize);
  const { abi, info } = DUMP;
  const { findings } = boot(new MemorySource(bytes), {
    kernel: kernelBehaviour("7.3.4"),
    abi,
    pageSize: info.pagesize,
    nrCpus: info.cpus,
  });
  return findings.some(({ code }) => code === "scratch-invalid");
}

test("a module's name is what isprint() takes for text, Latin-1 included, and ends within its field", () => {
  const refused = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => isRefused([0x61, byte, 0]));
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  expect(refused).toEqual([...range(0x01, 0x1f), ...range(0x7f, 0x9f)]);
  expect(isRefused(new Array(56).fill(0x61))).toBe(true);
  expect(isRefused([...new Array(55).fill(0x61), 0])).toBe(false);
});
