import type { BufferPage } from "./buffer-page.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { TraceBuffer } from "./trace-buffer.js";

/** rb_reset_cpu() (ring_buffer.c, 6.12 to 7.3): every page is emptied, the head goes to the first page of the list. */
export function rbResetCpu(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  cpuBuffer.deactivateHeadPage();
  const clear = (page: BufferPage): void => {
    page.entries = 0;
    page.read = 0;
    buffer.initDataPage(page.offset);
  };
  cpuBuffer.headPage = cpuBuffer.pages;
  for (const page of cpuBuffer.ringPages()) clear(page);
  cpuBuffer.tailPage = cpuBuffer.headPage;
  cpuBuffer.commitPage = cpuBuffer.headPage;
  const reader = cpuBuffer.readerPage;
  reader.next = reader;
  reader.prev = reader;
  reader.nextIsHead = false;
  clear(reader);
  cpuBuffer.entries = 0;
  buffer.entryBytes.set(cpuBuffer.cpu, 0n);
  cpuBuffer.pagesTouched = 0;
  cpuBuffer.read = 0;
  cpuBuffer.readBytes = 0;
  cpuBuffer.lostEvents = 0;
  cpuBuffer.activateHeadPage();
  cpuBuffer.meta.commitBuffer = cpuBuffer.meta.headBuffer;
}
