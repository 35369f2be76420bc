import { changesOf } from "../compare/changes.js";
import { outcomeOf, survey } from "../compare/outcome.js";
import type { Image } from "../image/image.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import { type SalvagedCpu, salvage } from "../reading/salvage/salvage.js";
import { losesEvents } from "../reading/salvage/write-pages.js";
import { conditionsReport, kernelReport } from "./boot.js";
import { countsNanoseconds, cutReport, imageReport } from "./common.js";

export type RecoverReport = ReturnType<typeof recoverImage>["report"];
export type SalvageReport = ReturnType<typeof salvageImage>["report"];

/** `recover --kernel`: the report (schemas/recover.json), and the area unless the kernel fails on them. */
export function recoverImage(image: Image, wishes: BootWishes, output: string, release: string) {
  const surveyed = survey(image, wishes);
  const outcome = outcomeOf(surveyed, kernelBehaviour(release));
  const written = outcome.boot.fault === undefined;
  const report = {
    schema: "rbtool/recover/2" as const,
    mode: "kernel" as const,
    image: imageReport(image),
    /** Zeros stand for what is missing. */
    cut: cutReport(image),
    output: { name: output, size: outcome.boot.after.size, written },
    conditions: conditionsReport(surveyed, wishes),
    kernel: kernelReport(release, outcome, countsNanoseconds(image)),
    changes: changesOf(image, outcome.boot.after),
  };
  return { report, area: written ? outcome.boot.after : undefined };
}

/** `recover --salvage`: the same. */
export function salvageImage(image: Image, wishes: BootWishes, output: string, markLosses: boolean) {
  const surveyed = survey(image, wishes);
  const result = salvage(image, surveyed.plan.size, {
    ...(wishes.virt === undefined ? {} : { virt: wishes.virt }),
    markLosses,
  });
  const report = {
    schema: "rbtool/recover/2" as const,
    mode: "salvage" as const,
    image: imageReport(image),
    /** Zeros stand for what is missing. */
    cut: cutReport(image),
    output: { name: output, size: result.area.size, written: true },
    conditions: conditionsReport(surveyed, wishes),
    nanoseconds: countsNanoseconds(image),
    mended: result.mended,
    notes: result.notes,
    cpus: result.cpus.map((cpu) => cpuReport(cpu, image.subbufs.headerSize)),
    changes: changesOf(image, result.area),
  };
  return { report, area: result.area };
}

/** Of more sub-buffers than this, those that never held anything are left out: an area of 16 GiB has four million. */
const MAX_UNTOUCHED = 4096;

function listed(pages: SalvagedCpu["pages"]): SalvagedCpu["pages"] {
  if (pages.length <= MAX_UNTOUCHED) return pages;
  return pages.filter(({ subbuf }) => subbuf.state !== "empty" || subbuf.believed);
}

function cpuReport(cpu: SalvagedCpu, headerSize: number) {
  return {
    cpu: cpu.cpu,
    unreadEvents: cpu.unreadEvents,
    broughtBackEvents: cpu.broughtBackEvents,
    pages: listed(cpu.pages).map(({ subbuf: page, id }) => ({
      index: page.index,
      id,
      idBefore: page.id,
      offset: page.offset,
      kept: page.believed,
      evidence: page.evidence,
      repairs: page.believed ? page.repairs : [],
      events: page.records.events,
      bytes: page.records.end - headerSize,
      from: page.firstTime?.toString() ?? null,
      to: page.lastTime?.toString() ?? null,
      timeEstimated: page.believed && !page.timeExact,
      lostBefore: losesEvents(page),
      lostCount: page.lostCount?.toString() ?? null,
    })),
  };
}
