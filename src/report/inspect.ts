import type { Diagnostic } from "../ground/diagnostics.js";
import { hex } from "../ground/hex.js";
import { Sequence } from "../ground/sequence.js";
import type { CpuArea, SubbufRef } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import type { CpuReading } from "../reading/cpu-reading.js";
import type { SubbufState } from "../reading/evidence.js";
import { readingOf } from "../reading/reading.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";
import { type CpuSummary, kernelOrder, rolesOf, summaryOf } from "../reading/summary.js";
import { isTorn, tornSummary } from "../reading/torn-places.js";
import type { RecordCounts } from "../reading/walk.js";
import { layoutKernels } from "../ring/layouts.js";
import type { RECORD_KIND_NAMES } from "../ring/records.js";
import { chosenCpus, countsNanoseconds, imageReport, optionalHex, structReport } from "./common.js";

export interface InspectOptions {
  /** Only these CPUs. */
  readonly cpu?: ReadonlySet<number>;
  /** With every sub-buffer. */
  readonly pages?: boolean;
  /** Where the area began in physical memory. */
  readonly phys?: bigint;
  /** Told of every sub-buffer that was walked. */
  readonly onSubbuf?: () => void;
}

export type InspectReport = ReturnType<typeof inspect>;

/** Everything that inspect shows, as its JSON document (schemas/inspect.json). */
export function inspect(image: Image, options: InspectOptions = {}) {
  const { layout, scratch } = image;
  const reading = readingOf(image, options.onSubbuf);
  const cpus = chosenCpus(image, options.cpu).map(({ cpu }) =>
    cpuReport(image, reading.cpus[cpu]!, options.pages === true, options.phys),
  );
  const chosen = ({ cpu }: Diagnostic): boolean => cpu === undefined || (options.cpu?.has(cpu) ?? true);
  return {
    schema: "rbtool/inspect/3" as const,
    image: imageReport(image),
    layout: {
      generation: layout.generation,
      kernels: layoutKernels(layout),
      byteOrder: layout.abi.littleEndian ? ("little-endian" as const) : ("big-endian" as const),
      longSize: layout.abi.longSize,
      pageSize: layout.geometry.subbufSize,
      totalSize: layout.totalSize,
      leftOver: image.leftOver,
      /** Bytes of the input behind the area. */
      behind: Math.max(0, image.source.size - layout.totalSize),
      persistentInject: layout.inject,
      cpus: layout.nrCpus,
      subbufsPerCpu: layout.geometry.nrSubbufs,
    },
    addresses: {
      virtualStart: optionalHex(image.virtualStart),
      physicalStart: optionalHex(options.phys),
    },
    nanoseconds: countsNanoseconds(image),
    bootMeta: image.bootMeta ? structReport(image.bootMeta) : null,
    scratch: scratch
      ? {
          ...scratch.span,
          clock: {
            id: scratch.clockId ?? null,
            name: scratch.clockName ?? null,
            nanoseconds: countsNanoseconds(image),
          },
          textAddress: scratch.textAddress === 0n ? null : hex(scratch.textAddress),
          fields: structReport(scratch.header).fields,
          modules: scratch.modules.map(({ name, address, span }) => ({ name, address: hex(address), ...span })),
        }
      : null,
    cpus,
    torn: tornReport(image, reading.cpus),
    diagnostics: reading.findings.list.filter(chosen),
    omittedDiagnostics: reading.findings.omitted,
  };
}

/** Counts over all CPUs: what is damaged in one tells of the others. */
function tornReport(image: Image, cpus: readonly CpuReading[]) {
  const torn = tornSummary(image, cpus);
  return torn === undefined ? null : { ...torn, lineSize: torn.lineSize ?? null };
}

function cpuReport(image: Image, reading: CpuReading, withPages: boolean, phys: bigint | undefined) {
  const { cpu } = reading;
  const summary = summaryOf(reading, image.subbufs.headerSize);
  const physical = (offset: number) => (phys === undefined ? null : hex(phys + BigInt(offset)));
  const ref = (subbuf: SubbufRef | undefined) => subbuf ?? null;
  const ring = kernelOrder(reading);
  return {
    cpu: cpu.cpu,
    meta: cpu.meta ? { ...structReport(cpu.meta), physical: physical(cpu.metaOffset) } : null,
    subbufs: {
      offset: cpu.subbufsOffset,
      count: cpu.nrSubbufs,
      size: cpu.subbufSize,
      physical: physical(cpu.subbufsOffset),
    },
    firstBuffer: optionalHex(cpu.firstBuffer),
    reader: ref(cpu.reader),
    head: ref(cpu.head),
    commit: ref(cpu.commit),
    state: cpuState(cpu, summary),
    subbufsUnread: summary.unreadSubbufs,
    subbufsConsumed: summary.consumedSubbufs,
    subbufsDamaged: summary.damagedSubbufs,
    records: recordCounts(summary.records),
    events: summary.events,
    consumedEvents: summary.consumedEvents,
    bytes: summary.bytes,
    firstTime: summary.firstTime?.toString() ?? null,
    lastTime: summary.lastTime?.toString() ?? null,
    lost: { places: summary.lost.places, events: summary.lost.events.toString() },
    buffers: new Sequence(cpu.nrSubbufs, (id) => cpu.indexById[id]!),
    ring: Array.from(ring, (subbuf) => RING_LETTERS[isTorn(subbuf) ? "torn" : subbuf.state]).join(""),
    ...(withPages ? { pages: ring.map((subbuf) => pageReport(cpu, subbuf, physical)) } : {}),
  };
}

/** A letter a sub-buffer. */
export const RING_LETTERS = {
  unread: "u",
  torn: "t",
  consumed: "c",
  empty: "e",
  dropped: "d",
  lost: "l",
} as const satisfies Record<SubbufState | "torn", string>;

export type TornReport = NonNullable<InspectReport["torn"]>;
export type InspectCpu = InspectReport["cpus"][number];
export type InspectPage = ReturnType<typeof pageReport>;

/** One word for a CPU: what a person wants to know first. */
function cpuState(cpu: CpuArea, summary: CpuSummary): "events" | "empty" | "never used" | "head or commit lost" {
  if (cpu.inferred) return "head or commit lost";
  if (cpu.live.length === 0) return "never used";
  return summary.events > 0 ? "events" : "empty";
}

function pageReport(cpu: CpuArea, subbuf: SubbufReading, physical: (offset: number) => string | null) {
  const { header, records } = subbuf;
  return {
    id: subbuf.id,
    index: subbuf.index,
    offset: subbuf.offset,
    virtual: cpu.firstBuffer === undefined ? null : hex(cpu.firstBuffer + BigInt(subbuf.index * cpu.subbufSize)),
    physical: physical(subbuf.offset),
    roles: rolesOf(cpu, subbuf.id),
    state: subbuf.state,
    evidence: subbuf.evidence,
    repairs: subbuf.repairs,
    timeStamp: header.timeStamp.toString(),
    timeBelieved: subbuf.believed ? subbuf.time.toString() : null,
    timeExact: subbuf.timeExact,
    commit: hex(header.commit),
    size: header.size,
    missedEvents: header.missedEvents,
    missedStored: header.missedStored,
    missedCount: header.missedCount?.toString() ?? null,
    records: recordCounts(records),
    events: subbuf.believed ? records.events : 0,
    firstTime: subbuf.firstTime?.toString() ?? null,
    lastTime: subbuf.lastTime?.toString() ?? null,
    damage: damageOf(subbuf),
  };
}

function damageOf({ records, lostAfter, offset }: SubbufReading) {
  return lostAfter ? { code: records.damage ?? null, offset: offset + records.end } : null;
}

function recordCounts(counts: RecordCounts): Readonly<Record<(typeof RECORD_KIND_NAMES)[number], number>> {
  const { events, paddings, timeExtends, timeStamps } = counts;
  return { data: events, padding: paddings, "time-extend": timeExtends, "time-stamp": timeStamps };
}
