import type { Image } from "../image/image.js";
import type { BufferPage } from "../kernel/buffer-page.js";
import { RecordKind } from "../ring/records.js";
import { type GetReaderStep, getReader } from "./get-reader.js";
import type { Mapping } from "./mapping.js";
import { lookAt } from "./state.js";

/** An event that a program can read at a step. */
export interface StepEvent {
  /** Where its record begins in the mapping. */
  readonly mapOffset: number;
  readonly time: bigint;
  /** Bytes of its data. */
  readonly length: number;
}

/** One GET_READER, and what a program finds behind it. */
export interface Step extends GetReaderStep {
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** Events whose records begin in the bytes that this step gave. */
  readonly readable: number;
  /** All of them, where asked for. */
  readonly list: readonly StepEvent[] | undefined;
}

/**
 * Calls GET_READER up to `count` times; with `follow`, until a call brings nothing new.
 * A call that brings nothing changes nothing, so that further ones would all be the same: the last is kept.
 */
export function* runSteps(
  image: Image,
  mapping: Mapping,
  choice: { readonly count: number; readonly follow: boolean; readonly events: boolean },
): Generator<Step> {
  for (let i = 0; choice.follow || i < choice.count; i++) {
    const step = getReader(mapping);
    yield { ...step, ...eventsOf(image, mapping, step, choice.events) };
    if (choice.follow && (step.empty || i > 2 * mapping.nrSubbufs)) return;
  }
}

function eventsOf(image: Image, mapping: Mapping, step: GetReaderStep, all: boolean) {
  const list: StepEvent[] = [];
  let readable = 0;
  let firstTime: bigint | undefined;
  let lastTime: bigint | undefined;
  if (!step.empty) {
    const page: BufferPage = mapping.cpu.readerPage;
    const bytes = lookAt(image, page);
    const { subbufs } = image;
    const cursor = subbufs.records(bytes, subbufs.header(bytes));
    const from = subbufs.headerSize + step.from;
    const mapAt = mapping.metaPageSize + step.readerId * mapping.subbufSize;
    while (cursor.next()) {
      if (cursor.kind !== RecordKind.Data || cursor.offset < from) continue;
      const time = cursor.time();
      readable++;
      firstTime ??= time;
      lastTime = time;
      if (all) list.push({ mapOffset: mapAt + cursor.offset, time, length: cursor.dataLength });
    }
  }
  return { readable, firstTime, lastTime, list: all ? list : undefined };
}
