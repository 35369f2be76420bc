import { Sequence } from "../ground/sequence.js";
import type { CpuArea } from "../image/cpu-area.js";
import { behindReader } from "./behind-reader.js";
import type { CpuReading } from "./cpu-reading.js";
import { spanOf } from "./span.js";
import type { SubbufReading } from "./subbuf-reading.js";
import type { RecordCounts } from "./walk.js";

/** What a sub-buffer is to the writer. */
export type SubbufRole = "reader" | "head" | "commit" | "ring";

/** The roles of an id. */
export function rolesOf(cpu: CpuArea, id: number): SubbufRole[] {
  const roles: SubbufRole[] = [];
  if (id === 0) roles.push("reader");
  if (id === cpu.head?.id) roles.push("head");
  if (id === cpu.commit?.id) roles.push("commit");
  return roles.length > 0 ? roles : ["ring"];
}

/** One CPU, counted over its unread sub-buffers. */
export interface CpuSummary {
  readonly unreadSubbufs: number;
  readonly consumedSubbufs: number;
  /** Sub-buffers of which something cannot be believed. */
  readonly damagedSubbufs: number;
  readonly records: RecordCounts;
  readonly events: number;
  /** Events in sub-buffers that a reader took. */
  readonly consumedEvents: number;
  /** Bytes of believed records. */
  readonly bytes: number;
  /** Of the believed events; one damaged time moves neither. */
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** Places where events were lost, and how many where it is stored. */
  readonly lost: { readonly places: number; readonly events: bigint };
}

/** Counts what a CPU's reading believes. */
export function summaryOf(reading: CpuReading, headerSize: number): CpuSummary {
  const { subbufs, unread, consumed } = reading;
  const records = { events: 0, paddings: 0, timeExtends: 0, timeStamps: 0 };
  const span = spanOf(unread);
  const overwritten = behindReader(reading);
  let bytes = 0;
  let lostPlaces = 0;
  let lostEvents = 0n;
  for (const subbuf of unread) {
    records.events += subbuf.records.events;
    records.paddings += subbuf.records.paddings;
    records.timeExtends += subbuf.records.timeExtends;
    records.timeStamps += subbuf.records.timeStamps;
    bytes += subbuf.records.end - headerSize;
    lostPlaces += subbuf.lostInside;
    if (!subbuf.lostBefore && subbuf !== overwritten) continue;
    lostPlaces++;
    lostEvents += subbuf.lostCount ?? 0n;
  }
  return {
    unreadSubbufs: unread.length,
    consumedSubbufs: consumed.length,
    damagedSubbufs: subbufs.filter(isDamaged).length,
    records,
    events: records.events,
    consumedEvents: consumed.reduce((sum, subbuf) => sum + subbuf.records.events, 0),
    bytes,
    firstTime: span?.first,
    lastTime: span?.last,
    lost: { places: lostPlaces, events: lostEvents },
  };
}

function isDamaged({ state, evidence, repairs, cutOff }: SubbufReading): boolean {
  return (
    state === "lost" ||
    evidence === "older-lap" ||
    (state === "unread" && repairs.length > 0) ||
    (cutOff && state !== "empty")
  );
}

/** A CPU's sub-buffers in the kernel's order: the reader page, then the ring from the head. */
export function kernelOrder({ cpu, subbufs }: CpuReading): Sequence<SubbufReading> {
  const last = cpu.nrSubbufs - 1;
  const start = cpu.live.find((id) => id > 0) ?? 1;
  return new Sequence(cpu.nrSubbufs, (i) => subbufs.at(i === 0 ? 0 : 1 + ((start + i - 2) % last)));
}
