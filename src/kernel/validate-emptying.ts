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

/** rb_meta_validate_events() of 6.12 to 7.1 (ring_buffer.c): one invalid page, and the whole CPU is emptied. */
export function validateEmptying(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  const { behaviour } = buffer;
  const { cpu, meta } = cpuBuffer;
  const nrSubbufs = meta.nrSubbufs;
  const origReader = cpuBuffer.readerPage;
  let entries = 0;
  let bytes = 0n;

  /** rb_validate_buffer(): tail is an int. */
  const validate = (page: BufferPage): number => readPage(buffer, cpu, page, rbPageCommit(page) | 0).events;

  const readerEvents = validate(origReader);
  if (readerEvents < 0) {
    buffer.say("Ring buffer reader page is invalid");
    pageFinding(buffer, cpuBuffer, origReader, buffer.walk.fault!);
    if (!behaviour.headSetFirst || !cpuBuffer.headPage) {
      emptyReader(buffer, cpuBuffer);
      throw uninitialisedHead(buffer, cpu);
    }
    emptyCpu(buffer, cpuBuffer, cpuBuffer.headPage, "reader-page-invalid");
    return;
  }
  entries += readerEvents;
  bytes += origReader.commit;
  origReader.entries = readerEvents;

  const origHead = cpuBuffer.headPage;
  let headPage = origHead;

  if (behaviour.rewind === "stop") {
    const head = dereference(buffer, cpu, headPage);
    if (!head.is(cpuBuffer.tailPage)) {
      let ts = head.timeStamp;
      let page = rbDecPage(head);
      let i = 0;
      for (; i < nrSubbufs + 1; i++, page = rbDecPage(page)) {
        if (page.is(cpuBuffer.tailPage)) break;
        if (ts < page.timeStamp) break;
        ts = page.timeStamp;
        if (ts === 0n || rbPageCommit(page) === 0) break;
        const events = validate(page);
        if (events < 0) break;
        page.entries = events;
        if (events) cpuBuffer.pagesTouched++;
        entries += events;
        bytes += BigInt(rbPageCommit(page));
      }
      if (i) sayRewound(buffer, cpu, i);
      if (!page.is(head)) page = rbIncPage(page);
      if (!page.is(head)) injectReaderPage(cpuBuffer, head, page);
      headPage = head;
    }
  }

  const recovered = (): void => {
    cpuBuffer.entries = entries;
    buffer.entryBytes.set(cpu, bytes);
    sayRecovered(buffer, cpu);
  };

  if (behaviour.readerIsCommit === "address") {
    if (meta.commitBuffer === cpuBuffer.readerPage.address) {
      cpuBuffer.commitPage = cpuBuffer.readerPage;
      recovered();
      return;
    }
  } else if (headPage?.is(cpuBuffer.readerPage) && headPage.is(cpuBuffer.commitPage)) {
    recovered();
    return;
  }

  const counted = behaviour.skipsOriginalReader ? origReader : cpuBuffer.readerPage;
  for (let i = 0; i < nrSubbufs + 1; i++, headPage = rbIncPage(dereference(buffer, cpu, headPage))) {
    if (headPage?.is(counted)) continue;
    const page = dereference(buffer, cpu, headPage);
    const events = validate(page);
    if (events < 0) {
      buffer.say(`Ring buffer meta [${cpu}] invalid buffer page`);
      const fault = buffer.walk.fault!;
      pageFinding(buffer, cpuBuffer, page, fault);
      emptyCpu(buffer, cpuBuffer, page, fault);
      return;
    }
    if (events && behaviour.countsPagesTouched) cpuBuffer.pagesTouched++;
    entries += events;
    bytes += page.commit;
    const owner = behaviour.entriesOnPage ? page : dereference(buffer, cpu, cpuBuffer.headPage);
    owner.entries = events;
    if (page.is(cpuBuffer.commitPage)) break;
  }
  if (!headPage?.is(cpuBuffer.commitPage)) {
    const message = `Ring buffer meta [${cpu}] commit page not found`;
    buffer.say(message);
    buffer.found({ code: "commit-page-not-found", cpu, offset: meta.offset + meta.layout.commitBuffer, message });
    emptyCpu(buffer, cpuBuffer, dereference(buffer, cpu, headPage), "commit-page-not-found");
    return;
  }
  recovered();
}

/** What the `invalid:` end does before it touches head_page. */
function emptyReader(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  cpuBuffer.meta.headBuffer = 0n;
  cpuBuffer.meta.commitBuffer = 0n;
  cpuBuffer.readerPage.entries = 0;
  buffer.initDataPage(cpuBuffer.readerPage.offset);
}
