import { isEmpty, kernelPages } from "../events/kernel-pages.js";
import type { EventPages } from "../events/page.js";
import type { ReadPolicy } from "../events/ring-iter.js";
import { Bytes } from "../ground/bytes.js";
import { Diagnostics } from "../ground/diagnostics.js";
import { DecodeError } from "../ground/errors.js";
import type { Image } from "../image/image.js";
import { readScratch, type Scratch } from "../image/scratch.js";
import type { BootResult } from "../kernel/boot.js";
import { planBoot } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import { TRACE_SCRATCH } from "../ring/structs.js";
import type { ReadingKernel } from "../text/reading-kernel.js";
import { isChosen, type TraceSpec } from "./spec.js";

/** The boot of the kernel that prints, simulated. */
export function bootFor(image: Image, reader: ReadingKernel, notes: string[]): BootResult {
  const kernel = kernelBehaviour(reader.release);
  const result = planBoot(image, reader.boot).boot(kernel);
  if (kernel.beyondKnown)
    notes.push(`kernel ${reader.release} is newer than any known here: simulated as ${kernel.row.source}`);
  const lacking = lackingInstance(result);
  if (lacking !== undefined) notes.push(`this kernel ${lacking}: it has no trace file; see \`rbtool check\``);
  else if (result.fault) notes.push(`this kernel reads memory that the image does not hold: ${result.fault.message}`);
  for (const fact of result.uncertain) notes.push(fact);
  return result;
}

/** Why there is no instance to read after that boot; undefined where there is one, or nobody can tell. */
export function lackingInstance({ refused, fault }: BootResult): string | undefined {
  if (refused) return "makes no instance of the image";
  if (fault === undefined || fault.kind === "unknown-memory") return undefined;
  return `${fault.kind === "endless-loop" ? "hangs" : "crashes"} on the image (${fault.message})`;
}

/** What the recovered instance has to read. */
export function bootedPages(booted: BootResult, spec: TraceSpec): EventPages[] {
  if (lackingInstance(booted) !== undefined) return [];
  return booted.ring
    .filter(({ cpu }) => isChosen(spec, cpu))
    .filter((buffer) => !isEmpty(buffer, booted.kernel.reading))
    .map(kernelPages);
}

/** How many CPUs are online after that boot, where `said` of them are to come up. */
export function cpusUp({ layout }: Image, said: number | undefined, booted: BootResult | undefined): number {
  if (booted === undefined) return said ?? layout.nrCpus;
  const up = booted.cpus.filter(({ online, verdict }) => online || verdict === "unknown");
  const lacking = booted.fault !== undefined || lackingInstance(booted) !== undefined;
  // trace_rb_cpu_prepare(): those that get no buffer do not come up.
  const keptDown = lacking ? 0 : up.filter(({ verdict }) => verdict === "not-reached").length;
  return (said ?? up.length) - keptDown;
}

/** The scratch area as the boot left it: a boot that believes nothing has zeroed it. */
export function scratchAfter(image: Image, booted: BootResult): Scratch | undefined {
  const { scratch } = image;
  if (scratch === undefined) return undefined;
  const { offset, length } = scratch.span;
  try {
    return readScratch(
      new Bytes(booted.after.read(offset, length), image.layout.abi, offset),
      image.layout.scratch ?? TRACE_SCRATCH,
      new Diagnostics(),
    );
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** The clock that times are printed by: a kernel that does not put the writer's back has its own, local. */
export function clockOf(scratch: Scratch | undefined, booted: BootResult | undefined): number {
  if (booted && !booted.kernel.behaviour.restoresClock) return 0;
  return scratch?.clockId ?? 0;
}

/** How that kernel's iterator walks. It tells once of each CPU that it does not come to the end of. */
export function kernelPolicy(
  { maxSteps, pageLost }: TraceFileBehaviour,
  { layout }: Image,
  notes: string[],
): Pick<ReadPolicy, "maxSteps" | "pageLost" | "firstLost" | "endless"> {
  return {
    // rb_iter_peek(): three steps, or as many as there are pages.
    maxSteps: maxSteps === "pages" ? layout.geometry.nrSubbufs - 1 : 3,
    pageLost,
    firstLost: false,
    endless: endlessNotes(notes),
  };
}

function endlessNotes(notes: string[]): (cpu: number, offset: number) => void {
  const told = new Set<number>();
  return (cpu, offset) => {
    if (told.has(cpu)) return;
    told.add(cpu);
    const place = `the sub-buffer at 0x${offset.toString(16)}`;
    notes.push(`CPU ${cpu}: this kernel prints ${place} again and again, without an end; here it is printed once`);
  };
}
