import type { Image } from "../image/image.js";
import { type BootWishes, bootCpus, refuseCpusBeyond } from "../kernel/boot-plan.js";
import { bufferMetaFile, statsFile } from "../kernel/tracefs.js";
import { usualKernel } from "../kernel/usual-kernel.js";
import { lackingInstance } from "../trace/after-boot.js";
import { openTrace } from "../trace/open.js";
import { imageReport } from "./common.js";

export type KernelFilesReport = ReturnType<typeof kernelFiles>["report"];

/** The files of per_cpu/ as a kernel shows them after its boot on the image (schemas/inspect.json), and whether it has any. */
export function kernelFiles(
  image: Image,
  {
    kernel: asked,
    cpu: list,
    boot,
  }: { readonly kernel?: string; readonly cpu?: ReadonlySet<number>; readonly boot?: BootWishes },
) {
  const usual = usualKernel(image);
  const release = asked ?? usual.kernel.release;
  const { booted, inNs, notes } = openTrace(image, { formats: new Map() }, { asKernel: { release, boot } });
  const { ring, cpus, kernel, messages } = booted!;
  const lacking = lackingInstance(booted!) !== undefined;
  refuseCpusBeyond(bootCpus(image, boot?.nrCpus), list, "cpu");
  const report = {
    schema: "rbtool/inspect/3" as const,
    image: imageReport(image),
    kernel: {
      release,
      assumed: asked === undefined,
      why: asked === undefined ? usual.why : "as asked for",
    },
    messages,
    notes,
    cpus: ring
      .filter(({ cpu }) => !lacking && (list?.has(cpu) ?? true))
      .flatMap((cpuBuffer) => {
        const { cpu } = cpuBuffer;
        const stats = cpus[cpu]?.stats;
        if (stats === undefined) return [];
        return [{ cpu, buffer_meta: bufferMetaFile(cpuBuffer, kernel.reading), stats: statsFile(stats, inNs) }];
      }),
  };
  return { report, lacking };
}
