import { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufOffset } from "../image/image.js";
import type { Window } from "../input/window.js";
import { RB_EVNT_MIN_SIZE } from "../ring/records.js";
import type { SubbufHeader } from "../ring/subbuf.js";
import type { Placed } from "./order.js";
import { Candidate } from "./subbuf-reading.js";
import { type Records, walkRecords } from "./walk.js";

/** Walks one sub-buffer and judges its commit; its time is judged among its neighbours, later. */
export function examine(image: Image, cpu: CpuArea, placed: Placed, window: Window): Candidate {
  const { headerSize, capacity } = image.subbufs;
  const offset = subbufOffset(cpu, placed.index);
  const bytes = window.read(offset, cpu.subbufSize);
  const cutOff = bytes.length < cpu.subbufSize;
  const nothing = NOTHING[image.layout.abi.longSize];
  if (bytes.length < headerSize || (placed.role === "consumed" && isUntouched(bytes, headerSize)))
    return new Candidate(placed, { offset, header: NO_HEADER, cutOff, records: nothing });
  const page = new Bytes(bytes, image.layout.abi, offset);
  const header = image.subbufs.header(page);
  const candidate = new Candidate(placed, { offset, header, cutOff, records: nothing });
  const walk = (end: number): Records => walkRecords(page, headerSize, end);
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

/** Begins with zeros: holds no record. Most of a large area may be so. */
function isUntouched(bytes: Uint8Array, headerSize: number): boolean {
  const size = headerSize + RB_EVNT_MIN_SIZE;
  if (bytes.length < size) return false;
  for (let i = 0; i < size; i++) if (bytes[i] !== 0) return false;
  return true;
}

function chooseRecords(candidate: Candidate, stated: Records, whole: Records, fits: boolean): void {
  const { role, header, isCommit } = candidate;
  const unread = role !== "consumed";
  const intact = (records: Records): void => {
    candidate.records = records;
    candidate.evidence = unread ? "unread" : "consumed-intact";
  };
  if (fits && stated.damage === undefined && stated.events > 0) {
    // Only the writer's own page may end before it is full.
    intact(whole.full && whole.end > stated.end ? whole : stated);
    if (candidate.records === whole) candidate.mend("commit-from-records");
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
    if (unread) candidate.mend("commit-from-records");
    else candidate.evidence = candidate.anchored ? "consumed-commit-zeroed" : "consumed-all-zeroed";
  } else if (whole.full && whole.events > 0) {
    intact(whole);
    candidate.mend("commit-from-records");
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
    candidate.mend("cut-at-damage");
    candidate.lostAfter = true;
  }
}

function isZero(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).equals(Buffer.alloc(bytes.length));
}

/** Shared, by the writer's word: most sub-buffers of a large area hold nothing. */
const NOTHING = { 4: nothingFrom(12), 8: nothingFrom(16) } as const;

function nothingFrom(headerSize: number): Records {
  return {
    events: 0,
    paddings: 0,
    timeExtends: 0,
    timeStamps: 0,
    start: headerSize,
    end: headerSize,
    first: 0,
    last: 0,
    full: false,
    damage: undefined,
  };
}

const NO_HEADER: SubbufHeader = {
  timeStamp: 0n,
  commit: 0n,
  size: 0,
  missedEvents: false,
  missedStored: false,
  missedCount: undefined,
};
