import { type Coverage, coverageOf } from "../derive/coverage.js";
import { type Origin, origin } from "../events/clock.js";
import { imagePages } from "../events/image-pages.js";
import type { EventPages } from "../events/page.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds, type Scratch } from "../image/scratch.js";
import type { BootResult } from "../kernel/boot.js";
import { type CpuReading, shownSubbufs } from "../reading/cpu-reading.js";
import { readingOf } from "../reading/reading.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";
import type { LineMarks } from "../text/header.js";
import { bootedPages, bootFor, clockOf, scratchAfter } from "./after-boot.js";
import { isChosen, type TraceSpec } from "./spec.js";
import type { CpuSubbufs } from "./trace.js";

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** What a trace is read from: of the CPUs that were chosen. */
export interface TracePages {
  /** What the boot did, when one was simulated. */
  readonly booted: BootResult | undefined;
  readonly scratch: Scratch | undefined;
  /** Whether times are nanoseconds. */
  readonly inNs: boolean;
  readonly readings: readonly CpuReading[];
  readonly coverage: Coverage;
  /** Whether it is what is believed: not what a boot leaves, nor what the writer's pointers name. */
  readonly asBelieved: boolean;
  readonly sources: readonly EventPages[];
  readonly origin: Origin;
  /** By CPU, what the reading shows. */
  readonly shown: readonly CpuSubbufs[];
  /** The same, where that is what is read, and all of it in one piece and at its own times. */
  readonly sound: readonly CpuSubbufs[] | undefined;
}

export function tracePages(image: Image, spec: TraceSpec, notes: string[]): TracePages {
  const booted = spec.asKernel && bootFor(image, spec.asKernel, notes);
  const scratch = booted ? scratchAfter(image, booted) : image.scratch;
  const consumed = spec.consumed === true;
  const readings = readingOf(image).cpus.filter(({ cpu }) => isChosen(spec, cpu.cpu));
  const coverage = coverageOf(readings, consumed);
  const shown = readings.map((reading) => ({ cpu: reading.cpu.cpu, subbufs: shownSubbufs(reading, consumed) }));
  const asBelieved = booted === undefined && spec.strict !== true;
  const sources = booted ? bootedPages(booted, spec) : imagePages(image, readings, spec);
  return {
    booted,
    scratch,
    inNs: clockCountsNanoseconds(clockOf(scratch, booted)),
    readings,
    coverage,
    asBelieved,
    sources,
    origin: origin(originOf(coverage, sources)),
    shown,
    sound: asBelieved && shown.every(({ subbufs }) => subbufs.every(isSound)) ? shown : undefined,
  };
}

function isSound({ inOnePiece, timeExact }: SubbufReading): boolean {
  return inOnePiece && timeExact;
}

/** A time near the events', so that differences from it are exact numbers. */
function originOf({ span }: Coverage, sources: readonly EventPages[]): bigint {
  if (span !== undefined) return span.first > MAX_EXACT ? span.first : 0n;
  for (const pages of sources) {
    if (pages.count === 0) continue;
    const { timeHi, timeLo } = pages.page(0);
    // Times below 2^53 are exact from 0 on, and print without a detour.
    if (timeHi >= 0x200000) return (BigInt(timeHi) << 32n) | BigInt(timeLo);
  }
  return 0n;
}

/** Events that the headers of what is believed tell of. */
export function believedEvents({ shown }: TracePages): number {
  return shown.reduce((sum, { subbufs }) => subbufs.reduce((events, { records }) => events + records.events, sum), 0);
}

/** Which marks lines can carry; those of a kernel, or by the writer's pointers, have none. */
export function marksOf({ shown, asBelieved, sound }: TracePages): Omit<LineMarks, "order"> {
  const subbufs = asBelieved && sound === undefined ? shown.flatMap((cpu) => cpu.subbufs) : [];
  return {
    estimates: subbufs.some(({ timeExact }) => !timeExact),
    doubts: subbufs.some((subbuf) => !subbuf.inOnePiece && subbuf.stretches.some(({ doubts }) => doubts.length > 0)),
  };
}
