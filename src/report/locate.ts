import { hex } from "../ground/hex.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import { Vmcoreinfo } from "../input/memory/vmcoreinfo.js";
import type { Area } from "../locate/area.js";
import { rolesOfAreas } from "../locate/copies.js";
import type { Found } from "../locate/find.js";
import type { Loose } from "../locate/loose.js";
import { readingOf } from "../reading/reading.js";
import { spanOf } from "../reading/span.js";
import { summaryOf } from "../reading/summary.js";
import { layoutKernels } from "../ring/layouts.js";
import { countsNanoseconds } from "./common.js";

export type LocateReport = ReturnType<typeof locate>;

/** What a machine's memory holds, as the JSON document of locate (schemas/locate.json). */
export function locate(memory: PhysicalMemory, found: Found, extracted: ReadonlyMap<Area | Loose, string> = new Map()) {
  const roles = rolesOfAreas(found.areas, found.traces);
  return {
    schema: "rbtool/locate/1" as const,
    memory: {
      name: memory.name,
      format: memory.format,
      bytes: memory.size,
      searched: found.bytes,
      stopped: found.stopped,
      lookalikes: found.lookalikes,
    },
    kernel: kernelReport(memory, found),
    areas: found.areas.map((area, i) => areaReport(area, roles[i] ?? null, extracted.get(area) ?? null)),
    loose: found.loose.map((loose) => looseReport(loose, extracted.get(loose) ?? null)),
  };
}

/** What is known of the kernel, and from where. */
function kernelReport({ vmcoreinfo }: PhysicalMemory, { traces }: Found) {
  const info = new Vmcoreinfo(vmcoreinfo ?? "");
  return {
    release: info.release ?? null,
    buildId: info.text("BUILD-ID") ?? null,
    kaslrOffset: info.text("KERNELOFFSET") ?? null,
    said: traces.map(({ kind, address, text, area }) => ({
      kind,
      address: hex(BigInt(address)),
      text,
      area: area === undefined ? null : hex(BigInt(area)),
    })),
  };
}

/** Sub-buffers outside the areas. Whose clock they have is not known where no area is theirs. */
function looseReport({ address, pages, stride, contiguous, copyOf }: Loose, file: string | null) {
  const times = pages.flatMap(({ first, last }) => [first, last]).sort((a, b) => (a < b ? -1 : 1));
  return {
    address: hex(BigInt(address)),
    pages: pages.length,
    pageSize: stride,
    contiguous,
    events: pages.reduce((sum, { events }) => sum + events, 0),
    nanoseconds: copyOf === undefined || countsNanoseconds(copyOf.image),
    firstTime: times[0]!.toString(),
    lastTime: times.at(-1)!.toString(),
    copyOf: copyOf === undefined ? null : hex(BigInt(copyOf.address)),
    file,
  };
}

function areaReport({ address, image, certainty }: Area, role: "original" | "copy" | null, file: string | null) {
  const reading = readingOf(image);
  const summaries = reading.cpus.map((cpu) => summaryOf(cpu, image.subbufs.headerSize));
  const span = spanOf(reading.cpus.flatMap(({ unread }) => unread));
  const damaged = reading.findings.list.filter(({ severity }) => severity === "error").length;
  return {
    address: hex(BigInt(address)),
    size: image.source.size,
    kernels: layoutKernels(image.layout),
    cpus: image.layout.nrCpus,
    subbufsPerCpu: image.layout.geometry.nrSubbufs,
    pageSize: image.layout.geometry.subbufSize,
    virtualStart: image.virtualStart === undefined ? null : hex(image.virtualStart),
    events: summaries.reduce((sum, { events }) => sum + events, 0),
    nanoseconds: countsNanoseconds(image),
    firstTime: span === undefined ? null : span.first.toString(),
    lastTime: span === undefined ? null : span.last.toString(),
    role,
    certainty,
    missing: image.source.holes.reduce((sum, { length }) => sum + length, 0),
    damaged,
    file,
  };
}
