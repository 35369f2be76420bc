import { type Abi, subbufHeaderSize } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";
import { RecordCursor, type RecordDamage, RecordKind } from "./records.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "./structs.js";

/** Where `commit` lies in a sub-buffer: behind the time stamp, whatever a long is (struct buffer_data_page). */
export const COMMIT_OFFSET = 8;

/**
 * A sub-buffer's header. `commit` is kept in halves: arithmetic on bigints would cost more than all the rest, for each of
 * the hundreds of thousands that a large area has.
 */
export class SubbufHeader {
  /** @param missedCount how many events were lost before it, where that is stored behind the data and can be read */
  constructor(
    readonly timeStamp: bigint,
    readonly commitHi: number,
    readonly commitLo: number,
    readonly missedCount: bigint | undefined,
  ) {}

  /** commit as stored, all of the long. */
  get commit(): bigint {
    return (BigInt(this.commitHi) << 32n) | BigInt(this.commitLo);
  }

  /** Committed bytes, without the flag bits: what rb_data_page_size() gives. May be more than fits. */
  get size(): number {
    if (!this.isSmall) return Number(this.commit);
    return (this.commitLo & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  }

  /** RB_MISSED_EVENTS: events were lost before this page. */
  get missedEvents(): boolean {
    return (this.commitLo & RB_MISSED_EVENTS) !== 0;
  }

  /** RB_MISSED_STORED: how many is stored behind the data. */
  get missedStored(): boolean {
    return (this.commitLo & RB_MISSED_STORED) !== 0;
  }

  /** Bits above the flags: a sign-extended RB_MISSED_EVENTS is what the kernel writes (7.2); anything else is damage. */
  private get isSmall(): boolean {
    return this.commitHi === 0 || (this.commitHi === 0xffff_ffff && this.commitLo >= RB_MISSED_EVENTS);
  }
}

/** What walking a sub-buffer's records found. */
export interface SubbufScan {
  readonly header: SubbufHeader;
  /** Records by RecordKind. */
  readonly records: readonly [data: number, padding: number, timeExtend: number, timeStamp: number];
  readonly events: number;
  /** Times of the first and last event. */
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** Offset in the image behind the last good record. */
  readonly end: number;
  readonly damage:
    | {
        readonly code: RecordDamage | "subbuf-commit" | "subbuf-truncated";
        readonly offset: number;
        readonly message: string;
      }
    | undefined;
  readonly timeWentBack: boolean;
}

/** Whether a page looks like a sub-buffer: it has a time and events, and its records lead to where its commit says. */
export function isSoundSubbuf({ header, damage, events }: SubbufScan): boolean {
  return damage === undefined && events > 0 && header.timeStamp > 0n;
}

/** Reads sub-buffers of one writer and page size: the header, and a cursor over the records. */
export class SubbufReader {
  readonly headerSize: number;

  constructor(
    private readonly abi: Abi,
    readonly subbufSize: number,
  ) {
    this.headerSize = subbufHeaderSize(abi);
  }

  /** Bytes of data that fit into a sub-buffer. */
  get capacity(): number {
    return this.subbufSize - this.headerSize;
  }

  /** Throws DecodeError when the header is cut off. */
  header(page: Bytes): SubbufHeader {
    const timeStamp = page.u64(0);
    const { longSize, littleEndian } = this.abi;
    const low = page.u32(COMMIT_OFFSET + (longSize === 8 && !littleEndian ? 4 : 0));
    const high = longSize === 8 ? page.u32(COMMIT_OFFSET + (littleEndian ? 4 : 0)) : 0;
    const header = new SubbufHeader(timeStamp, high, low, undefined);
    if (!header.missedStored || header.size > this.capacity) return header;
    const place = this.headerSize + header.size;
    return place + longSize > page.length ? header : new SubbufHeader(timeStamp, high, low, page.long(place));
  }

  /** A cursor at the first record. Only the bytes that are there and fit the page are walked. */
  records(page: Bytes, header: SubbufHeader): RecordCursor {
    const cursor = new RecordCursor(page.view, this.abi.littleEndian);
    const size = header.size <= this.capacity ? header.size : 0;
    cursor.openAt(this.headerSize, this.headerSize + size, header.timeStamp);
    return cursor;
  }

  /** Walks the whole sub-buffer. Never throws: what cannot be read is the scan's damage. */
  scan(page: Bytes): SubbufScan {
    if (page.length < this.headerSize) return truncatedScan(page, this.headerSize);
    const header = this.header(page);
    const cursor = this.records(page, header);
    let data = 0;
    let padding = 0;
    let timeExtend = 0;
    let timeStamp = 0;
    let firstTime: bigint | undefined;
    let last = 0;
    const originHi = Number(header.timeStamp >> 32n);
    const originLo = Number(header.timeStamp & 0xffff_ffffn);
    while (cursor.next()) {
      switch (cursor.kind) {
        case RecordKind.Data:
          if (data++ === 0) firstTime = cursor.time();
          last = cursor.timeSince(originHi, originLo);
          break;
        case RecordKind.Padding:
          padding++;
          break;
        case RecordKind.TimeExtend:
          timeExtend++;
          break;
        case RecordKind.TimeStamp:
          timeStamp++;
          break;
      }
    }
    return {
      header,
      records: [data, padding, timeExtend, timeStamp],
      events: data,
      firstTime,
      lastTime: data > 0 ? BigInt.asUintN(64, header.timeStamp + BigInt(last)) : undefined,
      end: page.offset + cursor.position,
      damage: this.damageOf(page, header, cursor),
      timeWentBack: cursor.timeWentBack,
    };
  }

  private damageOf(page: Bytes, header: SubbufHeader, cursor: RecordCursor): SubbufScan["damage"] {
    if (header.size > this.capacity) {
      const message = `commit ${header.size} is more than the ${this.capacity} bytes of a sub-buffer`;
      return { code: "subbuf-commit", offset: page.offset + COMMIT_OFFSET, message };
    }
    const cut = this.headerSize + header.size > page.length;
    if (cut && cursor.damage !== "record-bad-length")
      return truncatedScan(page, this.headerSize + header.size, header).damage;
    if (cursor.damage) {
      const left = this.headerSize + header.size - cursor.offset;
      const what = cursor.damage === "record-truncated" ? "runs past the committed data" : "has an impossible length";
      const message = `a record ${what}; the remaining ${left} bytes cannot be walked`;
      return { code: cursor.damage, offset: page.offset + cursor.offset, message };
    }
    return undefined;
  }
}

function truncatedScan(page: Bytes, need: number, header: SubbufHeader = EMPTY_HEADER): SubbufScan {
  const message = `the image ends here: ${need - page.length} bytes of the sub-buffer are missing`;
  return {
    header,
    records: [0, 0, 0, 0],
    events: 0,
    firstTime: undefined,
    lastTime: undefined,
    end: page.offset + page.length,
    damage: { code: "subbuf-truncated", offset: page.offset + page.length, message },
    timeWentBack: false,
  };
}

const EMPTY_HEADER = new SubbufHeader(0n, 0, 0, undefined);
