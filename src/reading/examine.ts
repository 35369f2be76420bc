import type { Bytes } from "../ground/bytes.js";
import { RB_EVNT_MIN_SIZE } from "../ring/records.js";
import type { SubbufReader } from "../ring/subbuf.js";
import type { Role } from "./order.js";
import type { Candidate } from "./subbuf-reading.js";
import { type Records, walkRecords } from "./walk.js";

/** Walks one sub-buffer and judges its commit; its time is judged among its neighbours, later. */
export function examine(subbufs: SubbufReader, page: Bytes, candidate: Candidate, role: Role): void {
  const { headerSize, capacity, subbufSize } = subbufs;
  candidate.begin(role);
  if (page.length < subbufSize) candidate.cutOff = true;
  if (page.length < headerSize || (role === "consumed" && isUntouched(page, headerSize))) return;
  const header = subbufs.header(page);
  candidate.header = header;
  const { size } = header;
  const fits = size <= capacity;
  const stated = fits ? walkRecords(page, headerSize, headerSize + size, subbufSize) : candidate.records;
  const unread = role !== "consumed";
  if (fits && stated.damage === undefined && stated.events > 0 && (stated.full || !unread || candidate.isCommit)) {
    candidate.records = stated;
    candidate.evidence = unread ? "unread" : "consumed-intact";
    return;
  }
  const whole = walkRecords(page, headerSize, page.length, subbufSize);
  const impossible = !fits || (stated.damage !== undefined && headerSize + size < whole.end);
  if (impossible && candidate.isCommit && whole.events > 0 && isZero(page.u8.subarray(whole.end))) {
    // The writer's own page, never used behind these records: only the commit is wrong.
    candidate.records = whole;
    candidate.evidence = "unread";
    candidate.mend("commit-from-records");
    return;
  }
  chooseRecords(candidate, stated, whole, fits);
  if (candidate.torn && size === 0 && isZero(page.u8.subarray(headerSize))) candidate.torn = false;
}

/** Begins with zeros: holds no record. Most of a large area may be so. */
function isUntouched({ u8: bytes }: Bytes, headerSize: number): boolean {
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
    const further = whole.full && whole.end > stated.end;
    intact(further ? whole : stated);
    if (further) candidate.mend("commit-from-records");
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
