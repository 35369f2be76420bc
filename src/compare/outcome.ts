import { lastUpTo } from "../ground/last-up-to.js";
import type { CpuArea } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import type { BootCpu, BootResult } from "../kernel/boot.js";
import { type BootPlan, type BootWishes, planBoot } from "../kernel/boot-plan.js";
import { rbIncPage } from "../kernel/buffer-page.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import type { Kernel } from "../kernel/versions/kernel.js";
import { type KernelRange, kernelRanges } from "../kernel/versions/ranges.js";
import { shownSubbufs } from "../reading/cpu-reading.js";
import type { SubbufState } from "../reading/evidence.js";
import { headersOf, type Reading, readingOf } from "../reading/reading.js";
import { layoutWrittenBy, usualBuffersOffset } from "../ring/layouts.js";

/** What can be read of one sub-buffer, whether or not a kernel would keep it. */
export interface ReadablePage {
  readonly index: number;
  readonly id: number | undefined;
  readonly offset: number;
  readonly state: SubbufState;
  /** Events before the first damage. */
  readonly events: number;
}

/** The image as a boot is given it, and what can be read of it: looked at once for all kernels. */
export interface Survey {
  readonly image: Image;
  readonly plan: BootPlan;
  readonly reading: Reading;
}

/** Walks every sub-buffer. Throws UsageError where it is too large to simulate. */
export function survey(image: Image, wishes: BootWishes = {}): Survey {
  return { image, plan: planBoot(image, wishes, headersOf(image)), reading: readingOf(image) };
}

/** A CPU's outcome, beside what can be read of it. */
export interface CpuOutcome extends BootCpu {
  /** Events that a reader of the image can get at: unread ones, and more where head or commit are lost. */
  readonly readable: number;
  /** Of these, what the boot does not keep, by sub-buffer. */
  readonly dropped: readonly ReadablePage[];
  readonly droppedEvents: number;
}

/** What one kernel would make of an image. */
export interface Outcome {
  readonly kernel: Kernel;
  readonly boot: BootResult;
  readonly cpus: readonly CpuOutcome[];
  /** Over the CPUs that can be judged, as all counts here. */
  readonly readableEvents: number;
  readonly keptEvents: number;
  readonly droppedEvents: number;
  readonly rewoundPages: number;
  readonly discardedPages: number;
  /** In one word; `keeps-everything` is the only one without a loss. */
  readonly summary: "keeps-everything" | "loses-some" | "loses-all" | "crashes" | "hangs" | "unknown" | "refuses";
}

/** Boots `kernel` on the surveyed image. */
export function outcomeOf(surveyed: Survey, kernel: Kernel): Outcome {
  const result = surveyed.plan.boot(kernel);
  const written = surveyed.image.cpus.map((cpu) => cpuOutcome(surveyed, cpu, result));
  // With more CPUs than the writer had, those have nothing to lose.
  const more = result.cpus.slice(written.length).map((cpu) => ({ ...cpu, readable: 0, dropped: [], droppedEvents: 0 }));
  const cpus: CpuOutcome[] = [...written, ...more];
  // Of a CPU that is cut off nothing is told: neither what is kept nor what is lost.
  const sum = (of: (cpu: CpuOutcome) => number): number =>
    cpus.reduce((total, cpu) => total + (cpu.verdict === "unknown" ? 0 : of(cpu)), 0);
  const keptEvents = sum((cpu) => cpu.stats?.entries ?? 0);
  const droppedEvents = sum((cpu) => cpu.droppedEvents);
  const outcome = {
    kernel,
    boot: result,
    cpus,
    readableEvents: sum((cpu) => cpu.readable),
    keptEvents,
    droppedEvents,
    rewoundPages: sum((cpu) => cpu.rewound),
    discardedPages: sum((cpu) => cpu.discarded),
  };
  return { ...outcome, summary: summaryOf(outcome) };
}

function cpuOutcome(surveyed: Survey, cpu: CpuArea, result: BootResult): CpuOutcome {
  const known: BootCpu = result.cpus[cpu.cpu] ?? {
    cpu: cpu.cpu,
    verdict: "not-reached",
    online: false,
    rewound: 0,
    discarded: 0,
  };
  // Without head or commit nobody knows which pages were unread: all of them count.
  const pages = shownSubbufs(surveyed.reading.cpus[cpu.cpu]!, cpu.live.length === 0);
  const readable = pages.reduce((sum, { records }) => sum + records.events, 0);
  if (known.verdict === "unknown") return { ...known, readable, dropped: [], droppedEvents: 0 };
  const cpuBuffer = result.ring.find((candidate) => candidate.cpu === cpu.cpu);
  const kept = cpuBuffer && result.fault?.cpu !== cpu.cpu ? keptOffsets(cpuBuffer) : new Float64Array(0);
  const dropped = pages
    .filter(({ offset }) => kept[lastUpTo(kept.length, (i) => kept[i]!, offset)] !== offset)
    .map(({ index, id, offset, state, records }) => ({ index, id, offset, state, events: records.events }))
    .sort((a, b) => a.id - b.id);
  return {
    ...known,
    readable,
    dropped,
    droppedEvents: dropped.reduce((sum, page) => sum + page.events, 0),
  };
}

/** Offsets of the sub-buffers whose events the booted kernel can read, ascending: the reader page, and head to commit. */
function keptOffsets(cpuBuffer: CpuBuffer): Float64Array {
  const kept = new Float64Array(cpuBuffer.nrPages + 1);
  let count = 0;
  const keep = (page: CpuBuffer["readerPage"]): void => {
    const commit = page.commit;
    if (commit > 0n && commit <= BigInt(page.area.pageSize)) kept[count++] = page.offset;
  };
  keep(cpuBuffer.readerPage);
  if (cpuBuffer.readerPage.is(cpuBuffer.commitPage) || !cpuBuffer.headPage) return kept.subarray(0, count);
  let page = cpuBuffer.headPage;
  for (let i = 0; i < cpuBuffer.nrPages; i++, page = rbIncPage(page)) {
    keep(page);
    if (page.is(cpuBuffer.commitPage)) break;
  }
  return kept.subarray(0, count).sort();
}

function summaryOf(outcome: Omit<Outcome, "summary">): Outcome["summary"] {
  const { boot: result, cpus } = outcome;
  if (result.refused) return "refuses";
  if (result.fault?.kind === "endless-loop") return "hangs";
  if (result.fault?.kind === "unknown-memory") return "unknown";
  if (result.fault) return "crashes";
  if (cpus.some(({ verdict }) => verdict === "unknown")) return "unknown";
  const losses = result.findings.some(({ code }) => code === "scratch-invalid" || code === "clock-invalid");
  const lost = losses || outcome.droppedEvents > 0 || outcome.discardedPages > 0 || cpus.some(losesCpu);
  if (!lost) return "keeps-everything";
  return outcome.readableEvents > 0 && outcome.keptEvents === 0 ? "loses-all" : "loses-some";
}

function losesCpu(cpu: CpuOutcome): boolean {
  return cpu.readable > 0 && cpu.verdict !== "kept";
}

/**
 * The kernels that can take this layout over: same generation, same place of the first CPU's meta.
 * @param all also those of another layout, which reset everything
 */
export function kernelsFor(image: Image, all = false): KernelRange[] {
  const { layout } = image;
  if (all) return [...kernelRanges("per-cpu"), ...kernelRanges("global")];
  return kernelRanges(layout.generation).filter(({ kernel: { version } }) => {
    const own = layoutWrittenBy(version, layout.inject);
    return own.inject === layout.inject && usualBuffersOffset(own, layout.abi) === layout.geometry.buffersOffset;
  });
}
