import type { CpuOutcome, Outcome, Survey } from "../compare/outcome.js";
import { hex } from "../ground/hex.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { formatEventTs } from "../kernel/stats.js";
import { kernelBehaviour, NEWEST_KNOWN } from "../kernel/versions/kernel.js";
import { optionalHex } from "./common.js";

/** The boot that was simulated. */
export function conditionsReport({ plan }: Survey, wishes: BootWishes) {
  const conditions = plan.conditions(kernelBehaviour(NEWEST_KNOWN));
  return {
    cpus: conditions.nrCpus,
    online: [...(conditions.onlineCpus ?? [])],
    size: plan.size,
    pageSize: conditions.pageSize,
    longSize: conditions.abi.longSize,
    byteOrder: conditions.abi.littleEndian ? ("little-endian" as const) : ("big-endian" as const),
    physicalStart: optionalHex(wishes.phys),
    virtualStart: optionalHex(wishes.virt),
  };
}

/** One kernel's boot. */
export function kernelReport(label: string, outcome: Outcome, inNanoseconds: boolean) {
  const { kernel, boot } = outcome;
  const { since, evidence, source, change } = kernel.row;
  return {
    kernel: label,
    /** Newer than every release known: the newest behaviour stands in. */
    beyondKnown: kernel.beyondKnown,
    behaviour: { since, evidence, source, change },
    summary: outcome.summary,
    readableEvents: outcome.readableEvents,
    keptEvents: outcome.keptEvents,
    droppedEvents: outcome.droppedEvents,
    rewoundPages: outcome.rewoundPages,
    discardedPages: outcome.discardedPages,
    virtualStart: hex(boot.virt),
    messages: boot.messages,
    fault: boot.fault
      ? {
          kind: boot.fault.kind,
          function: boot.fault.function,
          cpu: boot.fault.cpu,
          address: optionalHex(boot.fault.address),
          message: boot.fault.message,
        }
      : null,
    cpus: outcome.cpus.map((cpu) => ({
      cpu: cpu.cpu,
      verdict: cpu.verdict,
      reason: cpu.reason ?? null,
      online: cpu.online,
      stats: cpu.stats
        ? {
            entries: cpu.stats.entries,
            overrun: cpu.stats.overrun,
            commitOverrun: cpu.stats.commitOverrun,
            bytes: cpu.stats.bytes.toString(),
            oldestEventTs: cpu.stats.oldestEventTs.toString(),
            oldestEventTsText: formatEventTs(cpu.stats.oldestEventTs, inNanoseconds).trim(),
            droppedEvents: cpu.stats.droppedEvents,
            readEvents: cpu.stats.readEvents,
          }
        : null,
      rewound: judged(cpu, cpu.rewound),
      discarded: judged(cpu, cpu.discarded),
      readable: cpu.readable,
      droppedEvents: judged(cpu, cpu.droppedEvents),
      dropped: cpu.dropped.map(({ index, id, offset, events }) => ({ index, id: id ?? null, offset, events })),
    })),
    findings: boot.findings.map((finding) => ({ ...finding })),
    uncertain: [...new Set(boot.uncertain)],
  };
}

/** null where the image is cut within the CPU: a count would be one of bytes that are not there. */
function judged(cpu: CpuOutcome, count: number): number | null {
  return cpu.verdict === "unknown" ? null : count;
}
