import type { Abi } from "../ground/abi.js";
import { CopyOnWrite } from "../input/copy-on-write.js";
import type { Source } from "../input/source.js";
import { isX86Machine } from "../machine/x86.js";
import { layoutWrittenBy } from "../ring/layouts.js";
import { layoutOf } from "../ring/structs.js";
import { rbAllocateCpuBuffer } from "./allocate.js";
import { Area } from "./area.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import { KernelFault } from "./fault.js";
import type { BootCode, BootFinding } from "./finding.js";
import type { KnownHeaders } from "./known-headers.js";
import { rbRangeMetaInit } from "./meta-init.js";
import type { PageWalks } from "./page-walks.js";
import { type Place, placeOf, rbRangeMeta } from "./place.js";
import { setupTraceScratch } from "./scratch.js";
import { type CpuStats, cpuStats } from "./stats.js";
import { TraceBuffer } from "./trace-buffer.js";
import type { Kernel } from "./versions/kernel.js";

/** The machine and the conditions of the boot that is simulated. boot-plan.ts tells them from an image. */
export interface BootConditions {
  readonly kernel: Kernel;
  readonly abi: Abi;
  /** PAGE_SIZE. */
  readonly pageSize: number;
  /** nr_cpu_ids. */
  readonly nrCpus: number;
  /** Address of the area in that boot; left out, addresses are relative to it. */
  readonly virt?: bigint;
  /** Bytes of the area; left out, as many as are given. */
  readonly size?: number;
  /** CONFIG_RING_BUFFER_PERSISTENT_INJECT (since 7.2). */
  readonly inject?: boolean;
  /** CPUs that come up, in this order; the first one sets the buffer up. Left out: all, from 0. */
  readonly onlineCpus?: readonly number[];
  /** CPUs of whose memory a part is not known (the image is cut): the simulation leaves them alone. */
  readonly unknownCpus?: ReadonlySet<number>;
  /** Physical address and name of the instance, for the line that the kernel prints of them. */
  readonly phys?: bigint;
  readonly name?: string;
  /** Entries of trace_clocks[]: 9, and the architecture's own. */
  readonly nrClocks?: number;
  /** Addresses that a 6.12 to 6.14 kernel writes into a CPU's meta that it resets. */
  readonly textAddr?: bigint;
  readonly dataAddr?: bigint;
}

/** What became of one CPU. */
export type Verdict =
  /** Taken over, perhaps without some pages. */
  | "kept"
  /** Its meta was good, its events were given up. */
  | "emptied"
  /** Its meta was not believed: everything is zeroed. */
  | "reset"
  /** The kernel did not get so far: it crashed, or gave the whole buffer up. */
  | "not-reached"
  /** The image is cut within this CPU: nobody can tell. */
  | "unknown";

export interface BootCpu {
  readonly cpu: number;
  readonly verdict: Verdict;
  /** Why it was emptied or reset. */
  readonly reason?: BootCode;
  /** Comes up in this boot (else only its meta is looked at). */
  readonly online: boolean;
  readonly stats?: CpuStats;
  /** Pages that had been consumed, and are readable again. */
  readonly rewound: number;
  /** Pages dropped. */
  readonly discarded: number;
}

export interface BootFault {
  readonly kind: KernelFault["kind"];
  readonly function: string;
  readonly cpu: number;
  readonly address: bigint | undefined;
  readonly message: string;
}

export interface BootResult {
  readonly kernel: Kernel;
  /** The kernel's log lines about the buffer, in order. */
  readonly messages: readonly string[];
  readonly cpus: readonly BootCpu[];
  readonly findings: readonly BootFinding[];
  /** The area as this boot leaves it, before anyone reads it. */
  readonly after: CopyOnWrite;
  /** Address of the area in this boot; 0 where nothing in the image told. */
  readonly virt: bigint;
  readonly fault?: BootFault;
  /** The buffers as the kernel holds them, over `after`; one for each CPU that came up. */
  readonly ring: readonly CpuBuffer[];
  /** Facts that the image does not hold and that could change the answer. */
  readonly uncertain: readonly string[];
  /** The instance could not be made at all. */
  readonly refused: boolean;
}

/** What is known of the image's sub-buffers before a boot. */
export interface Known {
  readonly headers?: KnownHeaders | undefined;
  /** By other boots on the same image under the same conditions. */
  readonly walks?: PageWalks;
}

/**
 * Boots a kernel on a copy of the area: enable_instances(), allocate_trace_buffer() (trace.c), alloc_buffer() and the
 * hotplug callback that brings the other CPUs' buffers up (ring_buffer.c).
 */
export function boot(image: Source, conditions: BootConditions, known: Known = {}): BootResult {
  const { kernel, abi, pageSize, nrCpus } = conditions;
  const size = conditions.size ?? image.size;
  const bytes = new CopyOnWrite(image, size);
  const virt = conditions.virt ?? 0n;
  const area = new Area(bytes, abi, { pageSize, virt }, known.headers);
  const place = placeOf(layoutWrittenBy(kernel.version, conditions.inject), area, nrCpus);
  const buffer = new TraceBuffer(area, kernel, place, { ...conditions, walks: known.walks });
  if (conditions.virt === undefined)
    buffer.uncertain.push("nothing in the image tells where it was: addresses count from its start");
  if (conditions.phys !== undefined) buffer.say(mappedLine(conditions.name ?? "boot_map", conditions.phys, size));

  const unknown = conditions.unknownCpus ?? new Set<number>();
  const online = onlineCpus(conditions).filter((cpu) => !unknown.has(cpu));
  if (unknown.size > 0)
    buffer.uncertain.push(
      `the image is cut short: what this kernel would do with CPU ${[...unknown].join(", ")} cannot be told`,
    );
  let refused = false;
  let fault: KernelFault | undefined;
  if (place.nrPages === undefined) {
    refused = true;
    const message = `the area has no room for two pages and a reader page for each of ${nrCpus} CPUs`;
    buffer.say(refusal(kernel, conditions.name));
    buffer.found({ code: "area-too-small", offset: 0, message });
  } else {
    try {
      const isX86 = isX86Machine(abi, virt, scratchText(area, place));
      const nrClocks = conditions.nrClocks ?? clocksOf(abi, virt, isX86);
      refused = !setUp(buffer, { online, unknown, nrClocks, inParallel: isX86 });
      if (refused) buffer.say(refusal(kernel, conditions.name));
    } catch (error) {
      if (!(error instanceof KernelFault)) throw error;
      fault = error;
      const code = error.kind === "endless-loop" ? "kernel-hang" : "kernel-fault";
      buffer.found({ code, cpu: error.cpu, offset: metaOffset(buffer, error.cpu), message: error.message });
    }
  }
  return {
    kernel,
    messages: buffer.messages,
    cpus: Array.from({ length: nrCpus }, (_, cpu) => cpuResult(buffer, cpu, online, unknown)),
    findings: buffer.findings,
    after: bytes,
    virt,
    ...(fault
      ? {
          fault: {
            kind: fault.kind,
            function: fault.fn,
            cpu: fault.cpu,
            address: fault.address,
            message: fault.message,
          },
        }
      : {}),
    ring: buffer.cpus,
    uncertain: buffer.uncertain,
    refused,
  };
}

/**
 * Entries of trace_clocks[]: nine, and one more on x86, powerpc and s390 (ARCH_TRACE_CLOCKS). Of these s390 alone writes big
 * endian with its memory at 0; powerpc has it at 0xc000....
 */
function clocksOf(abi: Abi, virt: bigint, isX86: boolean): number {
  if (virt >> 60n === 0xcn) return 10;
  if (abi.longSize === 4) return 9;
  return !abi.littleEndian || isX86 ? 10 : 9;
}

/** text_addr of the scratch; 0 where nobody has traced, or where there is no scratch. */
function scratchText(area: Area, { layout: { scratch }, globalSize }: Place): bigint {
  if (scratch === undefined) return 0n;
  const at = globalSize + layoutOf(scratch, area.abi).offsets.text_addr;
  return at + area.abi.longSize > area.size ? 0n : area.long(at);
}

interface SetUp {
  readonly online: readonly number[];
  readonly unknown: ReadonlySet<number>;
  readonly nrClocks: number;
  /**
   * All CPUs are prepared before the first is started, and those that failed tried again then
   * (cpuhp_bringup_cpus_parallel(), kernel/cpu.c): x86-64 since 6.5.
   */
  readonly inParallel: boolean;
}

/** False where the boot CPU gets no buffer: then there is no instance (alloc_buffer()). */
function setUp(buffer: TraceBuffer, { online, unknown, nrClocks, inParallel }: SetUp): boolean {
  rbRangeMetaInit(buffer, unknown);
  const [bootCpu, ...others] = online;
  const up = (cpu: number): boolean => {
    const cpuBuffer = rbAllocateCpuBuffer(buffer, cpu);
    if (cpuBuffer) buffer.cpus.push(cpuBuffer);
    return cpuBuffer !== undefined;
  };
  if (bootCpu !== undefined && !up(bootCpu)) return false;
  // Only the boot CPU is up while the instances are made; the others follow in smp_init().
  setupTraceScratch(buffer, bootCpu === undefined ? [] : [bootCpu], nrClocks);
  // trace_rb_cpu_prepare(): a CPU that gets no buffer does not come up.
  const keptDown = (cpu: number): void => buffer.say(`failed to allocate ring buffer on CPU ${cpu}`);
  const failed = others.filter((cpu) => {
    const fails = !up(cpu);
    if (fails) keptDown(cpu);
    return fails;
  });
  // The second try comes no further: it changes nothing, and says the same.
  if (inParallel) failed.forEach(keptDown);
  return true;
}

/** enable_instances() (trace.c): at first it prints what is left of the option behind the name, which is nothing. */
function refusal({ behaviour }: Kernel, name = "boot_map"): string {
  return `Tracing: Failed to create instance buffer ${behaviour.namesRefused ? `'${name}' (-12)` : "(null)"}`;
}

function onlineCpus({ onlineCpus, nrCpus }: BootConditions): readonly number[] {
  const all = Array.from({ length: nrCpus }, (_, cpu) => cpu);
  return onlineCpus ? onlineCpus.filter((cpu) => cpu >= 0 && cpu < nrCpus) : all;
}

function metaOffset(buffer: TraceBuffer, cpu: number): number {
  const { area, place } = buffer;
  return rbRangeMeta(area, place, place.nrPages! + 1, cpu);
}

function cpuResult(buffer: TraceBuffer, cpu: number, online: readonly number[], unknown: ReadonlySet<number>): BootCpu {
  const cpuBuffer = buffer.cpus.find((candidate) => candidate.cpu === cpu);
  const isOnline = online.includes(cpu);
  const reset = buffer.resetReasons.get(cpu);
  const emptied = buffer.emptiedReasons.get(cpu);
  const reason = reset ?? emptied;
  let verdict: Verdict = "kept";
  if (unknown.has(cpu)) verdict = "unknown";
  else if (reset !== undefined) verdict = "reset";
  else if (isOnline && !cpuBuffer) verdict = "not-reached";
  else if (emptied !== undefined) verdict = "emptied";
  return {
    cpu,
    verdict,
    ...(reason === undefined ? {} : { reason }),
    online: isOnline,
    ...(cpuBuffer ? { stats: cpuStats(cpuBuffer, buffer.entryBytes.get(cpu) ?? 0n) } : {}),
    rewound: buffer.rewound.get(cpu) ?? 0,
    discarded: buffer.discarded.get(cpu) ?? 0,
  };
}

/** enable_instances() (trace.c): %pa is as wide as the machine's physical addresses, 64 bits wherever seen. */
function mappedLine(name: string, phys: bigint, size: number): string {
  return `Tracing: mapped boot instance ${name} at physical memory 0x${phys.toString(16).padStart(16, "0")} of size 0x${size.toString(16)}`;
}
