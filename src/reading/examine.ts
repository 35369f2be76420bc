import { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes, subbufOffset } from "../image/image.js";
import { isWhole } from "../input/source.js";
import type { SubbufHeader } from "../ring/subbuf.js";
import type { Evidence, Repair } from "./evidence.js";
import type { Placed, Role } from "./order.js";
import type { Stretch } from "./stretch.js";
import { type Records, walkRecords } from "./walk.js";

/** One sub-buffer while it is being judged: by itself first (examine()), then among its neighbours (resolveTimes()). */
export interface Candidate extends Omit<Placed, "role"> {
  /** By the writer's pointers; resolveTimes() finds what is unread all the same. */
  role: Role;
  readonly offset: number;
  readonly header: SubbufHeader;
  /** The image ends before the sub-buffer does. */
  readonly cutOff: boolean;
  records: Records;
  /** The time stamp that is believed. */
  time: bigint;
  /** The time stamp is its own. */
  anchored: boolean;
  evidence: Evidence;
  repairs: Repair[];
  /** Committed records behind the last good one are not read. */
  lostAfter: boolean;
  /** It should hold unread events, and its records do not lead to the end of what was committed. */
  torn: boolean;
  /** What is believed of it, where that is not all from its first record on. */
  stretches: readonly Stretch[] | undefined;
}

/** Walks one sub-buffer and judges its commit; its time is judged among its neighbours, later. */
export function examine(image: Image, cpu: CpuArea, placed: Placed): Candidate {
  const { headerSize, capacity } = image.subbufs;
  const page = untouched(image, cpu, placed) ?? subbufBytes(image, cpu, placed.index);
  const there = page.length >= headerSize;
  const header = there ? image.subbufs.header(page) : NO_HEADER;
  const candidate: Candidate = {
    index: placed.index,
    id: placed.id,
    role: placed.role,
    isCommit: placed.isCommit,
    offset: page.offset,
    header,
    cutOff: page.length < cpu.subbufSize,
    records: nothing(headerSize),
    time: header.timeStamp,
    anchored: header.timeStamp !== 0n,
    evidence: "empty",
    repairs: [],
    lostAfter: false,
    torn: false,
    stretches: undefined,
  };
  if (!there) return candidate;
  const walk = (end: number): Records => walkRecords(page, headerSize, end, header.timeStamp);
  const fits = header.size <= capacity;
  const stated = fits ? walk(headerSize + header.size) : candidate.records;
  const unread = placed.role !== "consumed";
  if (fits && stated.damage === undefined && stated.events > 0 && (placed.isCommit || !unread || stated.full)) {
    candidate.records = stated;
    candidate.evidence = unread ? "unread" : "consumed-intact";
    return candidate;
  }
  chooseRecords(candidate, stated, walk(page.length), fits);
  if (candidate.torn && header.size === 0 && isZero(page.u8.subarray(headerSize))) candidate.torn = false;
  return candidate;
}

/**
 * A sub-buffer outside the unread ones that begins with zeros holds no record: a few bytes of it are all that is read.
 * Most of a large area may be so.
 */
function untouched(image: Image, cpu: CpuArea, { role, index }: Placed): Bytes | undefined {
  if (role !== "consumed") return undefined;
  const offset = subbufOffset(cpu, index);
  if (!isWhole(image.source, offset, cpu.subbufSize)) return undefined;
  const start = image.source.probe(offset, image.subbufs.headerSize + MIN_RECORD);
  return start.every((byte) => byte === 0) ? new Bytes(start, image.layout.abi, offset) : undefined;
}

const MIN_RECORD = 8;

function chooseRecords(candidate: Candidate, stated: Records, whole: Records, fits: boolean): void {
  const { role, header, isCommit, repairs } = candidate;
  const unread = role !== "consumed";
  const intact = (records: Records): void => {
    candidate.records = records;
    candidate.evidence = unread ? "unread" : "consumed-intact";
  };
  if (fits && stated.damage === undefined && stated.events > 0) {
    // Only the writer's own page may end before it is full.
    intact(whole.full && whole.end > stated.end ? whole : stated);
    if (candidate.records === whole) repairs.push("commit-from-records");
  } else if (header.size === 0) {
    // Nothing was committed, or it was zeroed: only records up to the very end of the page speak for the latter.
    // A reader page without a time is one that nobody took yet.
    if (isCommit || (role === "reader" && !candidate.anchored)) return;
    if (!whole.full || whole.events === 0) {
      candidate.torn = role === "unread" && !header.missedEvents;
      return;
    }
    intact(whole);
    candidate.torn = unread;
    if (unread) repairs.push("commit-from-records");
    else candidate.evidence = candidate.anchored ? "consumed-commit-zeroed" : "consumed-all-zeroed";
  } else if (whole.full && whole.events > 0) {
    intact(whole);
    repairs.push("commit-from-records");
    candidate.torn = unread;
  } else {
    candidate.torn = unread;
    const best = stated.events > 0 ? stated : whole;
    candidate.lostAfter = unread;
    if (best.events === 0) {
      candidate.evidence = "no-records";
      return;
    }
    intact(best);
    repairs.push("cut-at-damage");
    candidate.lostAfter = true;
  }
}

function isZero(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).equals(Buffer.alloc(bytes.length));
}

/** The time of a candidate's last event. */
export function endOf({ time, records }: Candidate): bigint {
  return time + BigInt(Math.trunc(records.last));
}

function nothing(start: number): Records {
  return { counts: [0, 0, 0, 0], events: 0, end: start, first: 0, last: 0, full: false, damage: undefined };
}

const NO_HEADER: SubbufHeader = {
  timeStamp: 0n,
  commit: 0n,
  size: 0,
  missedEvents: false,
  missedStored: false,
  missedCount: undefined,
};
