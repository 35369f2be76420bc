import { subbufOffset } from "../image/image.js";
import type { SubbufHeader } from "../ring/subbuf.js";
import type { Evidence, Repair, SubbufState } from "./evidence.js";
import type { Role } from "./order.js";
import type { Stretch } from "./stretch.js";
import { Flag, type SubbufTable } from "./subbuf-table.js";
import type { Records } from "./walk.js";

/** One sub-buffer, and what of it is believed. */
export interface SubbufReading {
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
  /** Physical index. */
  readonly index: number;
  /** In the image. */
  readonly offset: number;
  readonly state: SubbufState;
  readonly evidence: Evidence;
  readonly repairs: readonly Repair[];
  /** Its events are believed: all of them up to records.end. */
  readonly believed: boolean;
  readonly header: SubbufHeader;
  /** The image ends before the sub-buffer does. */
  readonly cutOff: boolean;
  readonly records: Records;
  /** The time stamp that is believed: its own, or one that its neighbours allow. */
  readonly time: bigint;
  /** That time is its own. */
  readonly anchored: boolean;
  /** The times of its events are its own; else they are estimates (see the bounds of its stretches). */
  readonly timeExact: boolean;
  /** Times of the first and last believed event. */
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** The clock went back in it: it ends later than the next one begins. */
  readonly wentBack: boolean;
  /** Events are lost right before its first. */
  readonly lostBefore: boolean;
  /** Places between its believed records where others are lost. */
  readonly lostInside: number;
  /** How many, where the kernel stored it. */
  readonly lostCount: bigint | undefined;
  /** Committed records behind the last good one cannot be read. */
  readonly lostAfter: boolean;
  /** Its believed records are all of them, from the first on: one stretch. */
  readonly inOnePiece: boolean;
  /** Its believed records; none where it is not believed. */
  readonly stretches: readonly Stretch[];
}

/**
 * A sub-buffer while it is being judged: by itself first (examine()), then among its neighbours (resolveTimes()). In the
 * end it is what was found. A large area has hundreds of thousands, so all that is known of each stands in a table, which other
 * threads can have too, and what can be worked out is not kept.
 */
export class Candidate implements SubbufReading {
  constructor(
    private readonly table: SubbufTable,
    readonly index: number,
  ) {}

  /** What was made of it is forgotten: it is looked at, or looked at again. */
  begin(role: Role): void {
    this.table.begin(this.index, role);
  }

  /** By the writer's pointers; resolveTimes() finds what is unread all the same. */
  get role(): Role {
    return this.table.role(this.index);
  }

  set role(role: Role) {
    this.table.setRole(this.index, role);
  }

  get evidence(): Evidence {
    return this.table.evidence(this.index);
  }

  set evidence(evidence: Evidence) {
    this.table.setEvidence(this.index, evidence);
  }

  /** The time stamp is its own. */
  get anchored(): boolean {
    return this.table.is(this.index, Flag.Anchored);
  }

  set anchored(anchored: boolean) {
    this.table.set(this.index, Flag.Anchored, anchored);
  }

  get lostAfter(): boolean {
    return this.table.is(this.index, Flag.LostAfter);
  }

  set lostAfter(lost: boolean) {
    this.table.set(this.index, Flag.LostAfter, lost);
  }

  /** It should hold unread events, and its records do not lead to the end of what was committed. */
  get torn(): boolean {
    return this.table.is(this.index, Flag.Torn);
  }

  set torn(torn: boolean) {
    this.table.set(this.index, Flag.Torn, torn);
  }

  get believed(): boolean {
    return this.table.is(this.index, Flag.Believed);
  }

  set believed(believed: boolean) {
    this.table.set(this.index, Flag.Believed, believed);
  }

  /** Something is missing before it. */
  get behindLoss(): boolean {
    return this.table.is(this.index, Flag.BehindLoss);
  }

  set behindLoss(behind: boolean) {
    this.table.set(this.index, Flag.BehindLoss, behind);
  }

  get wentBack(): boolean {
    return this.table.is(this.index, Flag.WentBack);
  }

  set wentBack(back: boolean) {
    this.table.set(this.index, Flag.WentBack, back);
  }

  get repairs(): readonly Repair[] {
    return this.table.rare.repairs.get(this.index) ?? NO_REPAIRS;
  }

  set repairs(repairs: readonly Repair[]) {
    this.table.rare.repairs.set(this.index, repairs);
  }

  /** What is believed of it, where that is not all from its first record on. */
  get pieces(): readonly Stretch[] | undefined {
    return this.table.rare.pieces.get(this.index);
  }

  set pieces(pieces: readonly Stretch[]) {
    this.table.rare.pieces.set(this.index, pieces);
  }

  get id(): number {
    return this.table.cpu.idByIndex[this.index]!;
  }

  get offset(): number {
    return subbufOffset(this.table.cpu, this.index);
  }

  /** The page that the writer was on: it may end anywhere. */
  get isCommit(): boolean {
    return this.id === this.table.contents.commit;
  }

  get cutOff(): boolean {
    return this.table.is(this.index, Flag.CutOff);
  }

  set cutOff(cutOff: boolean) {
    this.table.set(this.index, Flag.CutOff, cutOff);
  }

  get header(): SubbufHeader {
    return this.table.header(this.index);
  }

  set header(header: SubbufHeader) {
    this.table.setHeader(this.index, header);
  }

  get records(): Records {
    return this.table.records(this.index);
  }

  set records(records: Records) {
    this.table.setRecords(this.index, records);
  }

  get time(): bigint {
    return this.table.rare.times.get(this.index) ?? this.table.times[this.index]!;
  }

  set time(time: bigint) {
    this.table.rare.times.set(this.index, time);
  }

  /** Notes what had to be mended. */
  mend(what: Repair): void {
    this.repairs = [...this.repairs, what];
  }

  /** The time of its last event, if it is believed. */
  get end(): bigint {
    return this.time + BigInt(Math.trunc(this.table.last[this.index]!));
  }

  get state(): SubbufState {
    const { role } = this;
    if (this.believed) return role === "consumed" ? "consumed" : "unread";
    const { header, cutOff, evidence } = this;
    if (header.size === 0 && header.missedEvents) return "dropped";
    if (role === "consumed") return evidence === "empty" && header.timeStamp === 0n && !cutOff ? "empty" : "consumed";
    return evidence === "empty" && !cutOff ? "empty" : "lost";
  }

  get timeExact(): boolean {
    return this.anchored && (this.pieces?.every(({ bounds }) => bounds === undefined) ?? true);
  }

  get firstTime(): bigint | undefined {
    return this.believed ? this.time + BigInt(Math.trunc(this.records.first)) : undefined;
  }

  get lastTime(): bigint | undefined {
    return this.believed ? this.end : undefined;
  }

  get lostBefore(): boolean {
    return this.believed && this.behindLoss;
  }

  get lostInside(): number {
    const { pieces } = this;
    if (pieces === undefined || !this.believed) return 0;
    return pieces.filter(({ lostBefore }) => lostBefore).length;
  }

  get lostCount(): bigint | undefined {
    return this.believed ? this.header.missedCount : undefined;
  }

  get stretches(): readonly Stretch[] {
    if (!this.believed) return NO_STRETCHES;
    return this.pieces ?? [this.whole()];
  }

  get inOnePiece(): boolean {
    return this.pieces === undefined;
  }

  /** Its records are believed from the first on. Where the time is not its own, it is the latest that can be. */
  whole(): Stretch {
    const { time, anchored, records, header } = this;
    const bounds = anchored ? undefined : { early: time < 1n << 62n ? time : 1n << 62n, late: 0n };
    const { events, end, start } = records;
    return { start, end, events, time, bounds, doubts: NO_DOUBTS, lostBefore: this.behindLoss || header.missedEvents };
  }
}

const NO_REPAIRS: readonly Repair[] = [];
const NO_STRETCHES: readonly Stretch[] = [];
const NO_DOUBTS: Stretch["doubts"] = [];
