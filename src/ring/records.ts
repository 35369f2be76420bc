/** The kinds of record in a sub-buffer (enum ring_buffer_type, include/linux/ring_buffer.h). */
export const RecordKind = {
  /** An event. */
  Data: 0,
  /** Padding with a length: a discarded event, or the filler at the end of a page. */
  Padding: 1,
  /** Adds to the time. */
  TimeExtend: 2,
  /** Replaces the time. */
  TimeStamp: 3,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

export const RECORD_KIND_NAMES = ["data", "padding", "time-extend", "time-stamp"] as const;

/** type_len values (RINGBUF_TYPE_*). Below 29: data, of type_len * 4 bytes, or with its length in front when 0. */
export const TYPE_PADDING = 29;
export const TYPE_TIME_EXTEND = 30;
export const TYPE_TIME_STAMP = 31;

/** The header word of a record, and the least that a writer makes of one (ring_buffer.c). */
export const RB_EVNT_HDR_SIZE = 4;
export const RB_EVNT_MIN_SIZE = 8;

const TS_MSB = 0xf8n << 56n;

/** rb_fix_abs_ts(): an absolute time stamp has 59 bits; the top five come from the time before. */
export function rbFixAbsTs(abs: bigint, before: bigint): bigint {
  if ((before & TS_MSB) === 0n) return abs;
  let fixed = abs | (before & TS_MSB);
  if (fixed < before) fixed = (fixed + (1n << 59n)) & (2n ** 64n - 1n);
  return fixed;
}

const TWO_32 = 2 ** 32;
/** Beyond this a time difference is folded into the base, so that adding stays exact. */
const MAX_DELTA = 2 ** 52;

export type RecordDamage = "record-bad-length" | "record-truncated";

const TYPES = 0x10000;
/** Small data has 112 bytes at most (RINGBUF_TYPE_DATA_TYPE_LEN_MAX): that is no bound. */
export const ANY_SIZE = 255;

/** By the u16 that small data begins with: of which sizes it is passed over, a most of 0 being none, and how often it was. */
export class PassedByType {
  readonly least = new Uint8Array(TYPES);
  readonly most = new Uint8Array(TYPES);
  readonly counts = new Uint32Array(TYPES);
}

/**
 * Walks the records of one sub-buffer without allocating: open() it, then read the fields after each next().
 * Offsets are relative to the window given to the constructor's view.
 */
export class RecordCursor {
  kind: RecordKind = RecordKind.Data;
  /** Where the record begins, and the bytes it takes, header included. */
  offset = 0;
  length = 0;
  /** A Data record's payload. */
  dataOffset = 0;
  dataLength = 0;
  /** time_delta as stored. */
  timeDelta = 0;
  /** Why next() gave up, at `offset`; undefined where it reached the end. */
  damage: RecordDamage | undefined;
  /** True once a time stamp went back behind the time before it. */
  timeWentBack = false;

  private baseHi = 0;
  private baseLo = 0;
  /** The time is base + elapsed: a plain number, so that no record allocates. */
  private elapsed = 0;
  private at = 0;
  private end = 0;

  /**
   * @param shortest what a record takes at least: RB_EVNT_MIN_SIZE is what a writer makes, RB_EVNT_HDR_SIZE all that
   * rb_read_data_buffer() asks (ring_buffer.c, 6.12 to 7.3)
   */
  constructor(
    readonly view: DataView,
    readonly littleEndian: boolean,
    private readonly shortest: typeof RB_EVNT_HDR_SIZE | typeof RB_EVNT_MIN_SIZE = RB_EVNT_MIN_SIZE,
  ) {}

  /** Starts at `start`, with the sub-buffer's time stamp in two halves, up to `end`. */
  open(start: number, end: number, timeHi: number, timeLo: number): void {
    this.at = start;
    this.end = Math.min(end, this.view.byteLength);
    this.baseHi = timeHi;
    this.baseLo = timeLo;
    this.elapsed = 0;
    this.damage = undefined;
    this.timeWentBack = false;
  }

  /** open() with a time that is not in halves: for who opens it seldom. */
  openAt(start: number, end: number, time: bigint): void {
    this.open(start, end, Number(time >> 32n), Number(time & 0xffff_ffffn));
  }

  /** Where the next record begins. */
  get position(): number {
    return this.at;
  }

  /** The time after the current record, in units of the trace clock. */
  time(): bigint {
    return BigInt.asUintN(64, ((BigInt(this.baseHi) << 32n) | BigInt(this.baseLo)) + BigInt(this.elapsed));
  }

  /** The time relative to an origin, exact while they are less than 2^53 apart. */
  timeSince(originHi: number, originLo: number): number {
    return (this.baseHi - originHi) * TWO_32 + (this.baseLo - originLo) + this.elapsed;
  }

  /** Moves to the next record; false at the end, or where the rest cannot be read (see damage). */
  next(): boolean {
    const at = this.at;
    const left = this.end - at;
    if (left <= 0) return false;
    this.offset = at;
    if (left < this.shortest) return this.fail("record-truncated");
    const word = this.view.getUint32(at, this.littleEndian);
    const typeLen = this.littleEndian ? word & 31 : word >>> 27;
    const timeDelta = this.littleEndian ? word >>> 5 : word & 0x7ffffff;
    this.timeDelta = timeDelta;
    let length: number;
    if (typeLen > 0 && typeLen < TYPE_PADDING) {
      length = typeLen * 4 + 4;
      if (length > left) return this.fail("record-truncated");
      this.kind = RecordKind.Data;
      this.dataOffset = at + 4;
      this.dataLength = length - 4;
      this.elapsed += timeDelta;
    } else {
      // The second word of the shortest may lie behind the end, but not behind what there is.
      if (at + 8 > this.view.byteLength) return this.fail("record-truncated");
      const word1 = this.view.getUint32(at + 4, this.littleEndian);
      length = 8;
      switch (typeLen) {
        case 0:
          if (word1 + 4 < this.shortest) return this.fail("record-bad-length");
          length = word1 + 4;
          if (length > left) return this.fail("record-truncated");
          this.kind = RecordKind.Data;
          this.dataOffset = at + 8;
          this.dataLength = length - 8;
          this.elapsed += timeDelta;
          break;
        case TYPE_PADDING:
          // A null event (no time_delta) fills a page's end, always behind the committed data (rb_reset_tail()).
          if (timeDelta === 0 || word1 + 4 < this.shortest) return this.fail("record-bad-length");
          length = word1 + 4;
          if (length > left) return this.fail("record-truncated");
          this.kind = RecordKind.Padding;
          break;
        case TYPE_TIME_EXTEND:
          if (left < 8) return this.fail("record-truncated");
          this.kind = RecordKind.TimeExtend;
          this.extend(word1, timeDelta);
          break;
        case TYPE_TIME_STAMP:
          if (left < 8) return this.fail("record-truncated");
          this.kind = RecordKind.TimeStamp;
          this.setTime(word1 >>> 5, ((word1 << 27) | timeDelta) >>> 0);
          break;
      }
    }
    this.length = length;
    this.at = at + length;
    return true;
  }

  /**
   * Moves on over small data records (type_len 1 to 28) with a payload of at least `least` bytes that does not begin with
   * a u16 of 0. Gives how many; of the cursor's fields only the position and the time are theirs. next() would do, but
   * nearly all records are such, and a loop without fields is quick before it is compiled well.
   */
  passSmall(least: number): number {
    const { view, littleEndian, end } = this;
    let { at, elapsed } = this;
    let passed = 0;
    while (end - at >= 4 + least) {
      const word = view.getUint32(at, littleEndian);
      const typeLen = littleEndian ? word & 31 : word >>> 27;
      const size = typeLen * 4;
      if (typeLen >= TYPE_PADDING || size < least || at + 4 + size > end) break;
      if (view.getUint16(at + 4, littleEndian) === 0) break;
      elapsed += littleEndian ? word >>> 5 : word & 0x7ffffff;
      at += 4 + size;
      passed++;
    }
    this.at = at;
    this.elapsed = elapsed;
    return passed;
  }

  /**
   * The same over records that have been walked before and whose data has a size at which its type is passed over: each is
   * counted by its type. Gives how many.
   */
  passSized({ least, most, counts }: PassedByType): number {
    const { view, littleEndian, end } = this;
    let { at, elapsed } = this;
    let passed = 0;
    while (end - at >= 8) {
      const word = view.getUint32(at, littleEndian);
      const typeLen = littleEndian ? word & 31 : word >>> 27;
      if (typeLen === 0 || typeLen >= TYPE_PADDING) break;
      const size = typeLen * 4;
      const type = view.getUint16(at + 4, littleEndian);
      if (size > most[type]! || size < least[type]!) break;
      counts[type]!++;
      passed++;
      elapsed += littleEndian ? word >>> 5 : word & 0x7ffffff;
      at += 4 + size;
    }
    this.at = at;
    this.elapsed = elapsed;
    return passed;
  }

  private fail(damage: RecordDamage): false {
    this.damage = damage;
    this.end = this.at;
    return false;
  }

  /** Adds delta = high * 2^27 + low. */
  private extend(high: number, low: number): void {
    this.elapsed += low;
    const more = high * 0x8000000;
    if (this.elapsed + more < MAX_DELTA) {
      this.elapsed += more;
      return;
    }
    this.fold();
    this.elapsed = (high << 27) >>> 0;
    this.fold();
    this.baseHi = (this.baseHi + (high >>> 5)) >>> 0;
  }

  /** An absolute time stamp holds 59 bits; the top five come from the time before (rb_fix_abs_ts()). */
  private setTime(hi: number, lo: number): void {
    this.fold();
    const before = this.baseHi;
    let fixed = (hi | (before & 0xf8000000)) >>> 0;
    // With a top bit set, a smaller value means that the 59 bits wrapped.
    if (before & 0xf8000000 && (fixed < before || (fixed === before && lo < this.baseLo)))
      fixed = (fixed + 0x8000000) >>> 0;
    if (fixed < before || (fixed === before && lo < this.baseLo)) this.timeWentBack = true;
    this.baseHi = fixed;
    this.baseLo = lo;
  }

  /** Folds the elapsed time into the base, modulo 2^64. */
  private fold(): void {
    const lo = this.baseLo + this.elapsed;
    const carry = Math.floor(lo / TWO_32);
    this.baseLo = lo - carry * TWO_32;
    this.baseHi = (this.baseHi + carry) >>> 0;
    this.elapsed = 0;
  }
}
