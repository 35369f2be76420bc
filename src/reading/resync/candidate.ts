import { TYPE_PADDING, TYPE_TIME_EXTEND } from "../../ring/records.js";
import { TRACE_ENTRY_SIZE } from "../../ring/structs.js";
import { type EventHead, IMPOSSIBLE, type Knowledge } from "./knowledge.js";

const TWO_27 = 2 ** 27;

/**
 * The filler that rb_reset_tail() puts behind the last event of a page (kernel/trace/ring_buffer.c, 6.12 to 7.3): it has
 * more weight than the older records, and the older filler, that lie in it.
 */
const FILLER = 15;
const FILLER_WORD = 2.5;

/** What lies at one position of a page, were it a record: read() fills the fields, nothing is allocated. */
export class Candidate implements EventHead {
  /** Bytes, header included. */
  length = 0;
  /** How likely it is one: that of an event without its delta. */
  weight = 0;
  event = false;
  /** An event's common_type and common_pid, and where the latter lies. */
  type = 0;
  pid = 0;
  pidAt = 0;
  context = 0;
  size = 0;
  long = false;
  /** time_delta as stored. */
  delta = 0;
  /** What it adds to the time; of an absolute time stamp, how far it is from the origin. */
  more = 0;
  extend = false;
  absolute = false;

  /** The origin's 59 bits, as a time stamp stores them. */
  private originHigh = 0;
  private originLow = 0;

  constructor(
    private readonly knowledge: Knowledge,
    private readonly littleEndian: boolean,
  ) {}

  private stampsTo = Number.POSITIVE_INFINITY;

  /** What absolute time stamps are reckoned from; those further from it than `stampsTo` are no records. */
  setOrigin(origin: bigint, stampsTo: number): void {
    this.stampsTo = stampsTo;
    this.originHigh = Number(BigInt.asUintN(32, origin >> 27n));
    this.originLow = Number(BigInt.asUintN(27, origin));
  }

  /** False where no record can begin. `end`: where records end; `pageEnd`: where the page does. */
  read(view: DataView, at: number, end: number, pageEnd: number): boolean {
    const { littleEndian, knowledge } = this;
    const left = end - at;
    if (left < 8) return false;
    const word = view.getUint32(at, littleEndian);
    const typeLen = littleEndian ? word & 31 : word >>> 27;
    const delta = littleEndian ? word >>> 5 : word & 0x7ffffff;
    this.delta = delta;
    this.event = typeLen < TYPE_PADDING;
    this.extend = typeLen === TYPE_TIME_EXTEND;
    this.absolute = typeLen > TYPE_TIME_EXTEND;
    if (this.event) {
      this.more = delta;
      return this.readEvent(view, at, left, typeLen);
    }
    const word1 = view.getUint32(at + 4, littleEndian);
    if (typeLen === TYPE_PADDING) {
      // Without a delta it is a null event, which lies behind the committed data.
      if (delta === 0 || word1 < 4 || word1 & 3) return false;
      this.length = word1 + 4;
      this.more = 0;
      const filler = delta === 1 && at + this.length === pageEnd;
      this.weight = filler ? FILLER + (FILLER_WORD * this.length) / 4 : knowledge.padding;
      return this.length <= left;
    }
    this.length = 8;
    // High and low apart: as one number, a time of more than 104 days would not be exact.
    this.more = this.absolute ? (word1 - this.originHigh) * TWO_27 + (delta - this.originLow) : delta + word1 * TWO_27;
    this.weight = this.extend ? knowledge.extend : knowledge.stamp;
    return !this.absolute || this.more <= this.stampsTo;
  }

  private readEvent(view: DataView, at: number, left: number, typeLen: number): boolean {
    const { littleEndian } = this;
    const data = typeLen === 0 ? at + 8 : at + 4;
    if (typeLen > 0) this.length = 4 * typeLen + 4;
    else {
      const word1 = view.getUint32(at + 4, littleEndian);
      if (word1 < 4 + TRACE_ENTRY_SIZE || word1 & 3) return false;
      this.length = word1 + 4;
    }
    const size = at + this.length - data;
    if (this.length > left || size < TRACE_ENTRY_SIZE) return false;
    this.type = view.getUint16(data, littleEndian);
    // Ids begin with TRACE_FN (1): zeroed memory is no event.
    if (this.type === 0) return false;
    this.pidAt = data + 4;
    this.pid = view.getInt32(this.pidAt, littleEndian);
    this.context = view.getUint8(data + 2) | (view.getUint8(data + 3) << 8);
    this.size = size;
    this.long = typeLen === 0;
    this.weight = this.knowledge.event(this);
    return this.weight > IMPOSSIBLE;
  }
}
