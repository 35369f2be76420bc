import type { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import { RECORD_KIND_NAMES, RecordCursor, RecordKind } from "../ring/records.js";
import { BUFFER_DATA_PAGE, layoutOf, type Span } from "../ring/structs.js";
import { readingOf } from "./reading.js";
import type { Stretch } from "./stretch.js";
import type { SubbufReading } from "./subbuf-reading.js";
import { damageText } from "./walk.js";

/** What a run of bytes in a sub-buffer is. */
export type PartKind =
  | "header"
  | (typeof RECORD_KIND_NAMES)[number]
  /** The stored count of lost events. */
  | "missed-count"
  /** Committed bytes that cannot be walked. */
  | "damage"
  /** Behind the committed data: old bytes, or none ever. */
  | "uncommitted";

/** A run of bytes with one meaning. The parts of a sub-buffer follow each other without a gap. */
export interface Part extends Span {
  readonly kind: PartKind;
  readonly what: string;
  /** The time after a record, in units of the trace clock. */
  readonly time?: bigint;
  /** time_delta as stored, of a record. */
  readonly timeDelta?: number;
  /** A data record's payload. */
  readonly payload?: Span;
  /** common_type and common_pid of a data record, where they fit. */
  readonly event?: {
    readonly type: number;
    readonly flags: number;
    readonly preemptCount: number;
    readonly pid: number;
  };
  /** Fields of the header. */
  readonly value?: string;
}

/** One sub-buffer taken apart: every byte of it is in exactly one part. */
export interface Anatomy {
  readonly cpu: CpuArea;
  readonly index: number;
  readonly page: Bytes;
  readonly subbuf: SubbufReading;
  readonly parts: readonly Part[];
}

/** Takes a sub-buffer apart. Never throws: damage is a part. */
export function dissectSubbuf(image: Image, cpu: CpuArea, index: number): Anatomy {
  const page = subbufBytes(image, cpu, index);
  const subbuf = readingOf(image).cpus[cpu.cpu]!.subbufs.at(cpu.idByIndex[index]!);
  return { cpu, index, page, subbuf, parts: [...dissect(image, page, subbuf)] };
}

function* dissect(image: Image, page: Bytes, subbuf: SubbufReading): Generator<Part> {
  const { headerSize } = image.subbufs;
  const { abi } = image.layout;
  const at = (offset: number) => page.offset + offset;
  if (page.length < headerSize) {
    if (page.length > 0) yield { kind: "damage", offset: page.offset, length: page.length, what: "cut off" };
    return;
  }
  const { offsets } = layoutOf(BUFFER_DATA_PAGE, abi);
  const { header, records } = subbuf;
  yield { kind: "header", offset: at(0), length: 8, what: "time_stamp", value: header.timeStamp.toString() };
  const flags = `${header.missedEvents ? " RB_MISSED_EVENTS" : ""}${header.missedStored ? " RB_MISSED_STORED" : ""}`;
  yield {
    kind: "header",
    offset: at(offsets.commit),
    length: abi.longSize,
    what: "commit",
    value: `${header.size}${flags}`,
  };

  let end = headerSize;
  const cursor = new RecordCursor(page.view, abi.littleEndian);
  for (const stretch of stretchesOf(subbuf, headerSize)) {
    if (stretch.start > end)
      yield { kind: "damage", offset: at(end), length: stretch.start - end, what: "no record that is believed" };
    cursor.openAt(stretch.start, stretch.end, stretch.time);
    while (cursor.next()) yield recordPart(page, cursor);
    end = cursor.position;
  }
  const committed = Math.min(headerSize + Math.min(header.size, image.subbufs.capacity), page.length);
  if (committed > end) {
    const what = records.damage === undefined ? "no record that is believed" : damageText(records.damage);
    yield { kind: "damage", offset: at(end), length: committed - end, what };
    end = committed;
  }
  if (header.missedCount !== undefined) {
    yield {
      kind: "missed-count",
      offset: at(end),
      length: abi.longSize,
      what: "events lost before this sub-buffer",
      value: header.missedCount.toString(),
    };
    end += abi.longSize;
  }
  if (end < page.length)
    yield { kind: "uncommitted", offset: at(end), length: page.length - end, what: "not committed" };
}

/** What is believed of it; of one that is not, the records that can be walked. */
function stretchesOf({ stretches, time, records }: SubbufReading, start: number): readonly StretchPlace[] {
  return stretches.length > 0 ? stretches : [{ start, end: records.end, time: BigInt.asUintN(64, time) }];
}

type StretchPlace = Pick<Stretch, "start" | "end" | "time">;

function recordPart(page: Bytes, cursor: RecordCursor): Part {
  const span = {
    offset: page.offset + cursor.offset,
    length: cursor.length,
    timeDelta: cursor.timeDelta,
    time: cursor.time(),
  };
  const kind = RECORD_KIND_NAMES[cursor.kind];
  switch (cursor.kind) {
    case RecordKind.Data: {
      const payload = { offset: page.offset + cursor.dataOffset, length: cursor.dataLength };
      if (cursor.dataLength < 8) return { ...span, kind, what: "event", payload };
      const event = {
        type: page.u16(cursor.dataOffset),
        flags: page.u8At(cursor.dataOffset + 2),
        preemptCount: page.u8At(cursor.dataOffset + 3),
        pid: page.i32(cursor.dataOffset + 4),
      };
      return { ...span, kind, what: `event ${event.type} of pid ${event.pid}`, payload, event };
    }
    case RecordKind.Padding:
      return { ...span, kind, what: "padding: a discarded event, or the page's filler" };
    case RecordKind.TimeExtend:
      return { ...span, kind, what: "time extend" };
    case RecordKind.TimeStamp:
      return { ...span, kind, what: "absolute time stamp" };
  }
}
