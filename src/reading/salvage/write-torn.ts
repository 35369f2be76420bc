import type { Abi } from "../../ground/abi.js";
import { RB_EVNT_MIN_SIZE, RecordCursor, RecordKind, TYPE_PADDING, TYPE_TIME_EXTEND } from "../../ring/records.js";
import type { Stretch } from "../stretch.js";
import { MAX_SPAN } from "../walk.js";

/** What time_delta holds (27 bits). */
const MAX_DELTA = 2 ** 27 - 1;
/** The largest type_len of a data record. */
const MAX_TYPE_LEN = TYPE_PADDING - 1;

/**
 * Makes one sound run of records out of the stretches of a torn sub-buffer, each event where it is: what lies between
 * them becomes a discarded record (rb_event_discard(), ring_buffer.c), and the first delta behind it is what leads to
 * the time that is believed there.
 * @param page all bytes of the sub-buffer; changed
 * @param span its time stamp, and the latest that an event of it may have: none is further behind it than a reader can tell
 * @returns where the records end, and when
 */
export function writeTorn(
  page: Uint8Array,
  { abi, headerSize }: { readonly abi: Abi; readonly headerSize: number },
  stretches: readonly Stretch[],
  { time, latest }: { readonly time: bigint; readonly latest: bigint },
): { readonly end: number; readonly endTime: bigint } {
  const writer = new TornWriter(page, abi);
  const furthest = earlier(latest, time + MAX_SPAN);
  let at = headerSize;
  let now = time;
  for (const stretch of stretches) {
    const { start } = stretch;
    let { end } = stretch;
    const isSmall = start > at && start - at < RB_EVNT_MIN_SIZE;
    const told = earlier(stretch.time, furthest);
    if (isSmall && writer.last === undefined && writer.hasRoom(start - headerSize, Number(told - time), start)) {
      // Times alone in front of a gap that is too small for a record make room for one.
      at = headerSize;
      now = time;
    }
    // The time that a reader has here, against the one that is believed: what the gap does not tell of it, the first
    // delta takes.
    let since = Number(told - now);
    const gap = start - at;
    /** Where the records go on that a reader sees. */
    let from = start;
    if (gap >= RB_EVNT_MIN_SIZE) {
      const more = writer.fill(at, gap, since, start);
      now += BigInt(more);
      since -= more;
    } else if (gap > 0 && !writer.grow(at, gap)) {
      from = at;
      end = writer.beginAt(at, start, end);
    }
    if (from < end) writer.addDelta(from, since);
    now = writer.settle(from, end, now, furthest);
    at = end;
  }
  // Times behind the last event lead nowhere, but kernels follow them.
  const { next, time: endTime } = writer.last ?? { next: headerSize, time };
  page.fill(0, next);
  return { end: next, endTime };
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** A record: where it is, where the next begins, and when. */
interface Last {
  readonly at: number;
  readonly next: number;
  readonly time: bigint;
}

class TornWriter {
  /** The last record so far that is more than a time; undefined before the first. */
  last: Last | undefined;
  private readonly view: DataView;
  private readonly cursor: RecordCursor;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly abi: Abi,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.cursor = new RecordCursor(this.view, abi.littleEndian);
  }

  private word(at: number, typeLen: number, delta: number): void {
    const word = this.abi.littleEndian ? (delta << 5) | typeLen : (typeLen << 27) | delta;
    this.view.setUint32(at, word >>> 0, this.abi.littleEndian);
  }

  /** Writes a time extend. */
  private extend(at: number, delta: number): void {
    this.word(at, TYPE_TIME_EXTEND, delta % (MAX_DELTA + 1));
    this.view.setUint32(at + 4, Math.floor(delta / (MAX_DELTA + 1)), this.abi.littleEndian);
  }

  private typeLen(at: number): number {
    const word = this.view.getUint32(at, this.abi.littleEndian);
    return this.abi.littleEndian ? word & 31 : word >>> 27;
  }

  private delta(at: number): number {
    const word = this.view.getUint32(at, this.abi.littleEndian);
    return this.abi.littleEndian ? word >>> 5 : word & MAX_DELTA;
  }

  /** Whether a discarded record takes a gap up, or a time extend where it needs one, or both. */
  hasRoom(gap: number, since: number, start: number): boolean {
    if (gap === RB_EVNT_MIN_SIZE || gap >= 2 * RB_EVNT_MIN_SIZE) return true;
    return gap > RB_EVNT_MIN_SIZE && !this.needsExtend(since, start);
  }

  /** Whether the delta of the record at `start` cannot lead to its time. */
  private needsExtend(since: number, start: number): boolean {
    return since + (this.isTimed(start) ? this.delta(start) : 0) > MAX_DELTA;
  }

  /** Fills a gap with a discarded record, and a time extend where a delta cannot lead to the time behind it. Gives what that tells. */
  fill(at: number, gap: number, since: number, start: number): number {
    const extend = this.needsExtend(since, start) && this.hasRoom(gap, since, start);
    const padding = extend ? gap - RB_EVNT_MIN_SIZE : gap;
    if (padding > 0) {
      this.word(at, TYPE_PADDING, 1);
      this.view.setUint32(at + 4, padding - 4, this.abi.littleEndian);
    }
    if (!extend) return 0;
    this.extend(at + padding, since);
    return since;
  }

  /**
   * Four bytes hold no record: the last one before them that is no time alone grows by them, where there is one, and what times
   * stand behind it move.
   */
  grow(end: number, gap: number): boolean {
    const { last, view, abi, bytes } = this;
    if (last === undefined) return false;
    const { at, next } = last;
    this.last = { ...last, next: next + gap };
    bytes.copyWithin(next + gap, next, end);
    const typeLen = this.typeLen(at);
    if (typeLen === MAX_TYPE_LEN) {
      bytes.copyWithin(at + 4 + gap, at + 4, next);
      this.word(at, 0, this.delta(at));
      view.setUint32(at + 4, next - at - 4 + gap, abi.littleEndian);
      return true;
    }
    if (typeLen === 0 || typeLen === TYPE_PADDING)
      view.setUint32(at + 4, view.getUint32(at + 4, abi.littleEndian) + gap, abi.littleEndian);
    else this.word(at, typeLen + 1, this.delta(at));
    bytes.fill(0, next, next + gap);
    return true;
  }

  /**
   * Begins the records at `start` where a gap before them does, which is too small for a record: the first that has a length
   * of its own takes it in, and what has none moves. Gives where they end then.
   */
  beginAt(at: number, start: number, end: number): number {
    const { view, abi, bytes } = this;
    const gap = start - at;
    let from = start;
    while (from < end) {
      const to = from - gap;
      const typeLen = this.typeLen(from);
      if (typeLen < TYPE_TIME_EXTEND) {
        const delta = this.delta(from);
        const isSmall = typeLen > 0 && typeLen < TYPE_PADDING;
        // struct ring_buffer_event: a length of its own stands where a small record's payload begins.
        const length = isSmall ? 4 * typeLen : view.getUint32(from + 4, abi.littleEndian) - 4;
        if (!isSmall) {
          bytes.copyWithin(to + 8, from + 8, from + 8 + length);
          bytes.fill(0, to + 8 + length, from + 8 + length);
        }
        this.word(to, isSmall ? 0 : typeLen, delta);
        view.setUint32(to + 4, length + 4 + (isSmall ? 0 : gap), abi.littleEndian);
        return end;
      }
      bytes.copyWithin(to, from, from + RB_EVNT_MIN_SIZE);
      from += RB_EVNT_MIN_SIZE;
    }
    return end - gap;
  }

  /** Moves the time at a record, as far as its delta can. */
  addDelta(at: number, since: number): void {
    if (since === 0 || !this.isTimed(at)) return;
    this.word(at, this.typeLen(at), Math.min(MAX_DELTA, Math.max(0, this.delta(at) + since)));
  }

  private isTimed(at: number): boolean {
    const typeLen = this.typeLen(at);
    return typeLen < TYPE_PADDING || typeLen === TYPE_TIME_EXTEND;
  }

  /**
   * Makes time go on over records, to no more than `latest`. An absolute time stamp that lies before the time so far would
   * empty the CPU (rb_read_data_buffer(), ring_buffer.c): it becomes a time extend. Gives the time at the end.
   */
  settle(start: number, end: number, time: bigint, latest: bigint): bigint {
    const { cursor } = this;
    const open = (from: number): void => cursor.openAt(from, end, now);
    let now = time;
    open(start);
    while (cursor.next()) {
      // A reader takes no time from what was discarded, but a boot that validates does, unless it is 1 (rb_read_data_buffer()).
      if (cursor.kind === RecordKind.Padding) this.word(cursor.offset, TYPE_PADDING, 1);
      const then = cursor.time();
      // Times are told modulo 2^64.
      const wanted = cursor.timeWentBack ? 0n : BigInt.asUintN(64, then - now);
      const room = latest > now ? latest - now : 0n;
      const given = wanted < room ? wanted : room;
      now += given;
      if (cursor.kind === RecordKind.Padding || cursor.kind === RecordKind.Data)
        this.last = { at: cursor.offset, next: cursor.position, time: now };
      if (now === then) continue;
      if (cursor.kind === RecordKind.Data) this.word(cursor.offset, this.typeLen(cursor.offset), Number(given));
      else this.extend(cursor.offset, Number(given));
      open(cursor.position);
    }
    return now;
  }
}
