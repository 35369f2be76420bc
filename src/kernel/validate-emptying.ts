import { type BufferPage, rbDecPage, rbIncPage, rbPageCommit } from "./buffer-page.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { TraceBuffer } from "./trace-buffer.js";
import {
  dereference,
  emptyCpu,
  injectReaderPage,
  pageFinding,
  readPage,
  sayRecovered,
  sayRewound,
  uninitialisedHead,
} from "./validate-common.js";

/** What has been counted, and whose buffer it is of. */
interface Tally {
  readonly buffer: TraceBuffer;
  readonly cpuBuffer: CpuBuffer;
  entries: number;
  bytes: bigint;
}

/** rb_meta_validate_events() of 6.12 to 7.1 (ring_buffer.c): one invalid page, and the whole CPU is emptied. */
export function validateEmptying(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  const tally: Tally = { buffer, cpuBuffer, entries: 0, bytes: 0n };
  const origReader = cpuBuffer.readerPage;
  const origHead = cpuBuffer.headPage;
  if (!countReader(tally)) return;
  if (buffer.behaviour.rewind === "stop") rewind(tally, dereference(buffer, cpuBuffer.cpu, origHead));
  if (!endsInReader(tally, origHead) && !countRing(tally, origHead, origReader)) return;
  cpuBuffer.entries = tally.entries;
  buffer.entryBytes.set(cpuBuffer.cpu, tally.bytes);
  sayRecovered(buffer, cpuBuffer.cpu);
}

/** rb_validate_buffer(): how many events a page has, or less than 0; tail is an int. */
function validate({ buffer, cpuBuffer }: Tally, page: BufferPage): number {
  return readPage(buffer, cpuBuffer.cpu, page, rbPageCommit(page) | 0).events;
}

/** Counts the reader page; false where it is invalid, and the CPU is emptied. */
function countReader(tally: Tally): boolean {
  const { buffer, cpuBuffer } = tally;
  const reader = cpuBuffer.readerPage;
  const events = validate(tally, reader);
  if (events < 0) {
    buffer.say("Ring buffer reader page is invalid");
    pageFinding(buffer, cpuBuffer, reader, buffer.walk.fault!);
    if (!buffer.behaviour.headSetFirst || !cpuBuffer.headPage) {
      emptyReader(buffer, cpuBuffer);
      throw uninitialisedHead(buffer, cpuBuffer.cpu);
    }
    emptyCpu(buffer, cpuBuffer, cpuBuffer.headPage, "reader-page-invalid");
    return false;
  }
  tally.entries += events;
  tally.bytes += reader.commit;
  reader.entries = events;
  return true;
}

/** Goes back from the head over pages that were consumed, as far as their times fall; the last one becomes the reader page. */
function rewind(tally: Tally, head: BufferPage): void {
  const { buffer, cpuBuffer } = tally;
  if (head.is(cpuBuffer.tailPage)) return;
  let ts = head.timeStamp;
  let page = rbDecPage(head);
  let i = 0;
  for (; i < cpuBuffer.meta.nrSubbufs + 1; i++, page = rbDecPage(page)) {
    if (page.is(cpuBuffer.tailPage)) break;
    if (ts < page.timeStamp) break;
    ts = page.timeStamp;
    if (ts === 0n || rbPageCommit(page) === 0) break;
    const events = validate(tally, page);
    if (events < 0) break;
    page.entries = events;
    if (events) cpuBuffer.pagesTouched++;
    tally.entries += events;
    tally.bytes += BigInt(rbPageCommit(page));
  }
  if (i) sayRewound(buffer, cpuBuffer.cpu, i);
  if (!page.is(head)) page = rbIncPage(page);
  if (!page.is(head)) injectReaderPage(cpuBuffer, head, page);
}

/** Whether the writer was still in the reader page: the ring holds nothing then. */
function endsInReader({ buffer, cpuBuffer }: Tally, head: BufferPage | undefined): boolean {
  const { meta, readerPage } = cpuBuffer;
  if (buffer.behaviour.readerIsCommit === "pages")
    return head?.is(readerPage) === true && head.is(cpuBuffer.commitPage);
  if (meta.commitBuffer !== readerPage.address) return false;
  cpuBuffer.commitPage = readerPage;
  return true;
}

/** Counts the pages from the head to the commit page; false where one of them is invalid, and the CPU is emptied. */
function countRing(tally: Tally, head: BufferPage | undefined, origReader: BufferPage): boolean {
  const { buffer, cpuBuffer } = tally;
  const { behaviour } = buffer;
  const { cpu, meta } = cpuBuffer;
  let headPage = head;
  const counted = behaviour.skipsOriginalReader ? origReader : cpuBuffer.readerPage;
  for (let i = 0; i < meta.nrSubbufs + 1; i++, headPage = rbIncPage(dereference(buffer, cpu, headPage))) {
    if (headPage?.is(counted)) continue;
    const page = dereference(buffer, cpu, headPage);
    const events = validate(tally, page);
    if (events < 0) {
      buffer.say(`Ring buffer meta [${cpu}] invalid buffer page`);
      const fault = buffer.walk.fault!;
      pageFinding(buffer, cpuBuffer, page, fault);
      emptyCpu(buffer, cpuBuffer, page, fault);
      return false;
    }
    if (events && behaviour.countsPagesTouched) cpuBuffer.pagesTouched++;
    tally.entries += events;
    tally.bytes += page.commit;
    const owner = behaviour.entriesOnPage ? page : dereference(buffer, cpu, cpuBuffer.headPage);
    owner.entries = events;
    if (page.is(cpuBuffer.commitPage)) break;
  }
  if (headPage?.is(cpuBuffer.commitPage)) return true;
  const message = `Ring buffer meta [${cpu}] commit page not found`;
  buffer.say(message);
  buffer.found({ code: "commit-page-not-found", cpu, offset: meta.offset + meta.layout.commitBuffer, message });
  emptyCpu(buffer, cpuBuffer, dereference(buffer, cpu, headPage), "commit-page-not-found");
  return false;
}

/** What the `invalid:` end does before it touches head_page. */
function emptyReader(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  cpuBuffer.meta.headBuffer = 0n;
  cpuBuffer.meta.commitBuffer = 0n;
  cpuBuffer.readerPage.entries = 0;
  buffer.initDataPage(cpuBuffer.readerPage.offset);
}
