import { RB_MISSED_EVENTS } from "../ring/structs.js";
import { type BufferPage, rbDecPage, rbIncPage, rbPageCommit, rbPageSize } from "./buffer-page.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { PageFault } from "./events.js";
import type { TraceBuffer } from "./trace-buffer.js";
import {
  dereference,
  emptyCpu,
  injectReaderPage,
  pageFinding,
  readPage,
  sayRecovered,
  sayRewound,
} from "./validate-common.js";

/** RB_MISSED_EVENTS is 1 << 31 of an int: as a long it is negative. */
const MISSED_AS_LONG = BigInt.asUintN(64, BigInt(RB_MISSED_EVENTS | 0));

/** struct rb_validation_state, and whose buffer it is of. */
interface State {
  readonly buffer: TraceBuffer;
  readonly cpuBuffer: CpuBuffer;
  entries: number;
  bytes: bigint;
  discarded: number;
  ts: bigint;
}

/** rb_meta_validate_events() since 7.2 (ring_buffer.c): an invalid page is dropped alone, and marked. */
export function validateDropping(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  const { cpu, meta } = cpuBuffer;
  const nrSubbufs = meta.nrSubbufs;
  const state: State = { buffer, cpuBuffer, entries: 0, bytes: 0n, discarded: 0, ts: 0n };
  const origHead = dereference(buffer, cpu, cpuBuffer.headPage);
  const origReader = cpuBuffer.readerPage;
  let skip = false;

  const headFault = validatePage(buffer, cpu, origHead, {});
  if (headFault !== undefined) {
    buffer.say(`Ring buffer meta [${cpu}] invalid head page detected`);
    pageFinding(buffer, cpuBuffer, origHead, headFault);
    skip = true;
  } else {
    state.ts = origHead.timeStamp;
  }
  validateAndCount(state, origReader, { nextTs: state.ts });

  if (!skip && !origHead.is(cpuBuffer.tailPage)) {
    let page = rbDecPage(origHead);
    let i = 0;
    for (; i < nrSubbufs + 1; i++, page = rbDecPage(page)) {
      if (page.is(cpuBuffer.tailPage)) break;
      if (page.timeStamp === 0n && rbPageCommit(page) === 0) break;
      validateAndCount(state, page, { nextTs: state.ts });
    }
    if (i) sayRewound(buffer, cpu, i);
    if (!page.is(origHead)) page = rbIncPage(page);
    if (!page.is(origHead)) injectReaderPage(cpuBuffer, origHead, page);
  }
  let page = origHead;

  if (meta.commitBuffer === cpuBuffer.readerPage.address) {
    cpuBuffer.commitPage = cpuBuffer.readerPage;
  } else {
    state.ts = page.timeStamp;
    for (let i = 0; i < nrSubbufs + 1; i++, page = rbIncPage(page)) {
      if (page.is(origReader)) continue;
      validateAndCount(state, page, { prevTs: state.ts });
      if (page.is(cpuBuffer.commitPage)) break;
    }
    if (!page.is(cpuBuffer.commitPage)) {
      const message = `Ring buffer meta [${cpu}] commit page not found`;
      buffer.say(message);
      buffer.found({ code: "commit-page-not-found", cpu, offset: meta.offset + meta.layout.commitBuffer, message });
      buffer.discarded.delete(cpu);
      emptyCpu(buffer, cpuBuffer, page, "commit-page-not-found");
      return;
    }
  }
  cpuBuffer.entries = state.entries;
  buffer.entryBytes.set(cpu, state.bytes);
  sayRecovered(buffer, cpu);
  sayInjection(state);
}

/** Times that a page must not lie before, and not behind; where none is known it is 0, as in the kernel. */
interface Neighbours {
  readonly prevTs?: bigint;
  readonly nextTs?: bigint;
}

/** __rb_validate_buffer(): undefined where the page is valid, else it is marked as missed events. */
function validatePage(
  buffer: TraceBuffer,
  cpu: number,
  page: BufferPage,
  { prevTs = 0n, nextTs = 0n }: Neighbours,
): PageFault | undefined {
  const { area } = buffer;
  const tail = page.commit;
  const limit = area.ulong(BigInt(area.pageSize - area.headerSize));
  let fault: PageFault | undefined;
  let events = 0;
  if (tail <= limit) {
    const walk = readPage(buffer, cpu, page, Number(tail));
    events = walk.events;
    if (events < 0) fault = walk.fault;
    else if (prevTs !== 0n && prevTs > walk.timeStamp) fault = "time-before-previous-page";
    else if (nextTs !== 0n && walk.timeStamp > nextTs) fault = "time-after-next-page";
  } else {
    fault = "commit-too-large";
  }
  if (fault === undefined) {
    page.entries = events;
    return undefined;
  }
  page.entries = 0;
  page.commit = MISSED_AS_LONG;
  page.timeStamp = prevTs !== 0n ? prevTs : nextTs;
  return fault;
}

/** rb_validate_buffer() */
function validateAndCount(state: State, page: BufferPage, neighbours: Neighbours): void {
  const { buffer, cpuBuffer } = state;
  const { cpu } = cpuBuffer;
  const fault = validatePage(buffer, cpu, page, neighbours);
  if (fault !== undefined) {
    if (state.discarded === 0) buffer.say(`Ring buffer meta [${cpu}] invalid buffer page detected`);
    state.discarded++;
    buffer.discarded.set(cpu, state.discarded);
    pageFinding(buffer, cpuBuffer, page, fault);
    return;
  }
  if (page.entries) cpuBuffer.pagesTouched++;
  state.entries += page.entries;
  state.bytes += BigInt(rbPageSize(page));
  state.ts = page.timeStamp;
}

/** CONFIG_RING_BUFFER_PERSISTENT_INJECT: the self test that the writer may have left behind. */
function sayInjection(state: State): void {
  const { buffer, cpuBuffer } = state;
  const { area } = buffer;
  const { cpu, meta } = cpuBuffer;
  if (meta.layout.nrInvalid < 0) return;
  const invalidAt = meta.offset + meta.layout.nrInvalid;
  const bytesAt = meta.offset + meta.layout.entryBytes;
  const nrInvalid = area.u32(invalidAt);
  const entryBytes = area.u32(bytesAt);
  if (nrInvalid) {
    const verdict = state.discarded === nrInvalid ? "PASSED" : "FAILED";
    buffer.say(`Ring buffer testing [${cpu}] invalid pages: ${verdict} (${state.discarded}/${nrInvalid | 0})`);
  }
  if (entryBytes) {
    const verdict = state.bytes === BigInt(entryBytes) ? "PASSED" : "FAILED";
    buffer.say(`Ring buffer testing [${cpu}] entry_bytes: ${verdict} (${state.bytes}/${entryBytes})`);
  }
  area.setU32(invalidAt, 0);
  area.setU32(bytesAt, 0);
}
