import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { boot } from "../../src/kernel/boot.js";
import { usualKernel } from "../../src/kernel/usual-kernel.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import type { MemoryKind } from "../../src/machine/memory-kind.js";
import { guessMemory } from "../../src/machine/memory-kind.js";
import { getReader } from "../../src/user/get-reader.js";
import { Mapping } from "../../src/user/mapping.js";
import type { MetaField, MetaValues } from "../../src/user/trace-buffer-meta.js";
import { ERRNO, USUAL_REQUEST, whoMayMap } from "../../src/user/who-may-map.js";
import { abiOf, Dump, dumpNames } from "../support/images.js";
import { difference, haveOracle, type OracleCase, oracleCases, patched } from "../support/oracle.js";

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

/** Differences that are understood, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

class Score {
  equal = 0;
  total = 0;
  readonly wrong: string[] = [];
  add(ok: boolean, what: string): void {
    this.total++;
    if (ok) this.equal++;
    else this.wrong.push(what);
  }
  check(title: string): void {
    console.log(
      `${title}: ${this.equal}/${this.total} equal${this.wrong.length ? `\n  ${this.wrong.slice(0, 20).join("\n  ")}` : ""}`,
    );
    expect(this.total).toBeGreaterThan(0);
    expect(this.wrong.filter((name) => !Object.keys(EXCEPTIONS).some((key) => name.startsWith(key)))).toEqual([]);
  }
}

function compareFields(score: Score, where: string, real: Readonly<Record<string, unknown>>, meta: MetaValues): void {
  for (const [name, field] of Object.entries(FIELD_OF))
    score.add(BigInt(String(real[name])) === meta[field], `${where} ${name}: real ${real[name]}, ours ${meta[field]}`);
}

function stepsOf(text: string): Record<string, string>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => Object.fromEntries(line.split(" ").map((pair) => pair.split("=") as [string, string])));
}

const withOracle = haveOracle ? test : test.skip;

/** As `mmap-layout` would take it: from the addresses in the image. */
async function memoryOf(dump: Dump): Promise<MemoryKind> {
  return guessMemory(await openImage(dump.bytes("image.bin.gz")), undefined).kind;
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

test("the mapping after boot, and after four GET_READER, is what a real program mapped", async () => {
  const bytes = new Score();
  const bytesAfter = new Score();
  const fields = new Score();
  const errnos = new Score();
  for (const name of dumpNames()) {
    const dump = new Dump(name);
    const { info } = dump;
    const kernel = kernelBehaviour(info.kernel);
    const memory = await memoryOf(dump);
    const result = boot(dump.bytes("image.bin.gz"), {
      kernel,
      abi: dump.abi,
      pageSize: info.pagesize,
      nrCpus: info.cpus,
    });
    for (const cpuBuffer of result.ring) {
      const { cpu } = cpuBuffer;
      const where = `${name} CPU ${cpu}`;
      // No program mapped every image.
      if (!dump.has(`cpu${cpu}.mmap0.txt`)) continue;
      const first = dump.text(`cpu${cpu}.mmap0.txt`).trim();
      const refused = errnoText(kernel, memory, cpuBuffer.nrPages + 1, info.pagesize);
      errnos.add(
        (refused ?? "ok") === (first.startsWith("mmap:") ? first : "ok"),
        `${where}: real ${first}, ours ${refused}`,
      );
      if (refused) continue;
      const mapping = new Mapping(cpuBuffer, kernel);
      compareFields(fields, `${where} map`, stepsOf(first)[0]!, mapping.meta);
      if (dump.has(`cpu${cpu}.map0.bin.gz`)) {
        const differs = difference(dump.bytes(`cpu${cpu}.map0.bin.gz`), mapping.bytes());
        bytes.add(differs === undefined, `${where} map0: ${JSON.stringify(differs)}`);
      }
      if (!dump.has(`cpu${cpu}.mmapN.txt`)) continue;
      for (const real of stepsOf(dump.text(`cpu${cpu}.mmapN.txt`))) {
        if (Number(real.step) > 0) getReader(mapping);
        compareFields(fields, `${where} step ${real.step}`, real, mapping.meta);
      }
      if (dump.has(`cpu${cpu}.mapN.bin.gz`)) {
        const differs = difference(dump.bytes(`cpu${cpu}.mapN.bin.gz`), mapping.bytes());
        bytesAfter.add(differs === undefined, `${where} mapN: ${JSON.stringify(differs)}`);
      }
    }
  }
  errnos.check("errno of mmap()");
  fields.check("fields of the meta page, every step");
  bytes.check("bytes of the first mapping (map0)");
  bytesAfter.check("bytes after four GET_READER (mapN)");
});

type OracleMmap = OracleCase & {
  readonly mmap?: Readonly<Record<string, readonly (string | Record<string, unknown>)[]>>;
};

withOracle("the mapping of a damaged image is what the kernel that booted on it mapped", () => {
  const fields = new Score();
  const steps = new Score();
  const errnos = new Score();
  for (const entry of oracleCases() as OracleMmap[]) {
    if (!entry.mmap) continue;
    const base = new Dump(entry.base);
    const kernel = kernelBehaviour(entry.kernel);
    const result = boot(patched(base.bytes("image.bin.gz"), entry.patch), {
      kernel,
      abi: abiOf("x86_64"),
      pageSize: 4096,
      nrCpus: 2,
    });
    for (const [cpu, list] of Object.entries(entry.mmap)) {
      const where = `${entry.name} CPU ${cpu}`;
      const cpuBuffer = result.ring.find((candidate) => candidate.cpu === Number(cpu));
      const nrSubbufs = (cpuBuffer?.nrPages ?? 1) + 1;
      const refused = errnoText(kernel, "reserve_mem", nrSubbufs, 4096);
      const real = typeof list[0] === "string" ? list[0] : "ok";
      errnos.add((refused ?? "ok") === real, `${where}: real ${real}, ours ${refused}`);
      if (refused || !cpuBuffer) continue;
      const mapping = new Mapping(cpuBuffer, kernel);
      for (const step of list) {
        if (typeof step === "string") continue;
        if (Number(step.step) > 0) getReader(mapping);
        const before = fields.equal;
        compareFields(fields, `${where} step ${step.step}`, step, mapping.meta);
        steps.add(fields.equal - before === Object.keys(FIELD_OF).length, `${where} step ${step.step}`);
      }
    }
  }
  errnos.check("oracle: errno of mmap()");
  steps.check("oracle: steps (map and three GET_READER)");
  fields.check("oracle: fields of the meta page");
});

test("where nobody names the kernel, what is said of it is true", async () => {
  const said = new Score();
  for (const name of dumpNames()) {
    const dump = new Dump(name);
    if (/-big$/.test(name)) continue;
    const { kernel, why } = usualKernel(await openImage(dump.bytes("image.bin.gz")));
    if (!why.startsWith("its consumed")) continue;
    const real = kernelBehaviour(dump.info.kernel).reading.consumedPage;
    said.add(kernel.reading.consumedPage === real, `${name}: ${dump.info.kernel}, taken for ${kernel.release}`);
  }
  said.check("the writer by what it left of consumed sub-buffers");
});

test("an ordinary buffer in the same state: ids in ring order, which stay with their sub-buffers", async () => {
  const dump = new Dump("v7.3-read");
  const kernel = kernelBehaviour("7.3.4");
  const { ring } = boot(dump.bytes("image.bin.gz"), {
    kernel,
    abi: dump.abi,
    pageSize: dump.info.pagesize,
    nrCpus: dump.info.cpus,
  });
  const mapping = new Mapping(ring[0]!, kernel, "ordinary");
  expect(mapping.subbufIds[0]).toBe(ring[0]!.readerPage);
  expect([1, 2, 3, 4, 5, 6].map(() => getReader(mapping).readerId)).toEqual([0, 1, 2, 3, 4, 5]);
});
