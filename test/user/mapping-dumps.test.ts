import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { usualKernel } from "../../src/kernel/usual-kernel.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import type { MemoryKind } from "../../src/machine/memory-kind.js";
import { guessMemory } from "../../src/machine/memory-kind.js";
import type { MetaField, MetaValues } from "../../src/ring/trace-buffer-meta.js";
import { getReader } from "../../src/user/get-reader.js";
import { Mapping } from "../../src/user/mapping.js";
import { ERRNO, USUAL_REQUEST, whoMayMap } from "../../src/user/who-may-map.js";
import { abiOf, Dump, realImages } from "../support/images.js";
import { difference, type OracleCase, oracleCases, patched } from "../support/oracle.js";

const FIELD_OF: Readonly<Record<string, MetaField>> = {
  meta_page_size: "meta_page_size",
  meta_struct_len: "meta_struct_len",
  subbuf_size: "subbuf_size",
  nr_subbufs: "nr_subbufs",
  flags: "flags",
  lost_events: "reader.lost_events",
  id: "reader.id",
  read: "reader.read",
  entries: "entries",
  overrun: "overrun",
  nread: "read",
  pages_lost: "pages_lost",
  pages_touched: "pages_touched",
};

/** The meta page as the mapping program read it, in our names. */
function fieldsOf(real: Readonly<Record<string, unknown>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(FIELD_OF).map(([name, field]) => [field, BigInt(String(real[name]))]));
}

/** Of ours, the fields that the program reads. */
function readFields(meta: MetaValues): Record<string, bigint> {
  return Object.fromEntries(Object.values(FIELD_OF).map((field) => [field, meta[field]]));
}

function stepsOf(text: string): Record<string, string>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => Object.fromEntries(line.split(" ").map((pair) => pair.split("=") as [string, string])));
}

/** As `mmap-layout` would take it: from the addresses in the image. */
async function memoryOf(dump: Dump): Promise<MemoryKind> {
  return guessMemory(await openImage(dump.bytes("image.bin.gz")), {}).kind;
}

function errnoText(
  kernel: ReturnType<typeof kernelBehaviour>,
  memory: MemoryKind,
  nrSubbufs: number,
  pageSize: number,
) {
  const { errno } = whoMayMap(kernel, memory, USUAL_REQUEST, { nrSubbufs, pageSize });
  return errno === undefined ? undefined : `mmap: ${ERRNO[errno].text} (${ERRNO[errno].number})`;
}

/** No program mapped every image. */
const mapped = realImages.filter((dump) => dump.has("cpu0.mmap0.txt"));
if (mapped.length === 0) test.skip("no image that a program mapped", () => {});

for (const dump of mapped)
  test(`${dump.name}: the mapping after boot, and after four GET_READER, is what a real program mapped`, async () => {
    const { info } = dump;
    const kernel = kernelBehaviour(info.kernel);
    const memory = await memoryOf(dump);
    const result = boot(new MemorySource(dump.bytes()), {
      kernel,
      abi: dump.abi,
      pageSize: info.pagesize,
      nrCpus: info.cpus,
    });
    expect(result.ring).toHaveLength(info.cpus);
    for (const cpuBuffer of result.ring) {
      const { cpu } = cpuBuffer;
      const first = dump.text(`cpu${cpu}.mmap0.txt`).trim();
      const refused = errnoText(kernel, memory, cpuBuffer.nrPages + 1, info.pagesize);
      expect({ cpu, refused }).toEqual({ cpu, refused: first.startsWith("mmap:") ? first : undefined });
      if (refused) continue;
      const mapping = new Mapping(cpuBuffer, kernel);
      const sameBytes = (file: string): void => {
        if (dump.has(file))
          expect({ file, differs: difference(dump.bytes(file), Buffer.concat([...mapping.pieces()])) }).toEqual({
            file,
            differs: undefined,
          });
      };
      expect({ cpu, ...readFields(mapping.meta) }).toEqual({ cpu, ...fieldsOf(stepsOf(first)[0]!) });
      sameBytes(`cpu${cpu}.map0.bin.gz`);
      if (!dump.has(`cpu${cpu}.mmapN.txt`)) continue;
      for (const real of stepsOf(dump.text(`cpu${cpu}.mmapN.txt`))) {
        const { step } = real;
        if (Number(step) > 0) getReader(mapping);
        expect({ cpu, step, ...readFields(mapping.meta) }).toEqual({ cpu, step, ...fieldsOf(real) });
      }
      sameBytes(`cpu${cpu}.mapN.bin.gz`);
    }
  });

type OracleMmap = OracleCase & {
  readonly mmap?: Readonly<Record<string, readonly (string | Record<string, unknown>)[]>>;
};

const oracle = (oracleCases() as OracleMmap[]).filter(({ mmap }) => mmap !== undefined);
if (oracle.length === 0) test.skip("no damaged images", () => {});

for (const { name, base, kernel: release, patch, mmap } of oracle)
  test(`${name}: the mapping of a damaged image is what the kernel that booted on it mapped`, () => {
    const kernel = kernelBehaviour(release);
    const bytes = patched(new Dump(base).bytes(), patch);
    const { ring } = boot(new MemorySource(bytes), { kernel, abi: abiOf("x86_64"), pageSize: 4096, nrCpus: 2 });
    const cpus = Object.entries(mmap!);
    expect(cpus.length).toBeGreaterThan(0);
    for (const [cpu, list] of cpus) {
      const cpuBuffer = ring.find((candidate) => candidate.cpu === Number(cpu))!;
      const refused = errnoText(kernel, "reserve_mem", cpuBuffer.nrPages + 1, 4096);
      expect({ cpu, refused }).toEqual({ cpu, refused: typeof list[0] === "string" ? list[0] : undefined });
      if (refused) continue;
      const mapping = new Mapping(cpuBuffer, kernel);
      for (const real of list) {
        if (typeof real === "string") throw new Error(`CPU ${cpu}: ${real}`);
        const { step } = real;
        if (Number(step) > 0) getReader(mapping);
        expect({ cpu, step, ...readFields(mapping.meta) }).toEqual({ cpu, step, ...fieldsOf(real) });
      }
    }
  });

test("where nobody names the kernel, what is said of it is true", async () => {
  let told = 0;
  for (const dump of realImages) {
    // The same as others, and long to read.
    if (dump.name.endsWith("-big")) continue;
    const { kernel, why } = usualKernel(await openImage(dump.bytes()));
    if (!why.startsWith("its consumed")) continue;
    told++;
    const { consumedPage } = kernelBehaviour(dump.info.kernel).reading;
    expect({ name: dump.name, consumedPage: kernel.reading.consumedPage }).toEqual({ name: dump.name, consumedPage });
  }
  expect(told).toBeGreaterThan(0);
});

test("an ordinary buffer in the same state: ids in ring order, which stay with their sub-buffers", async () => {
  const dump = new Dump("v7.3-read");
  const kernel = kernelBehaviour("7.3.4");
  const { ring } = boot(new MemorySource(dump.bytes("image.bin.gz")), {
    kernel,
    abi: dump.abi,
    pageSize: dump.info.pagesize,
    nrCpus: dump.info.cpus,
  });
  const mapping = new Mapping(ring[0]!, kernel, "ordinary");
  expect(mapping.subbufIds[0]).toBe(ring[0]!.readerPage.slot);
  expect([1, 2, 3, 4, 5, 6].map(() => getReader(mapping).readerId)).toEqual([0, 1, 2, 3, 4, 5]);
});
