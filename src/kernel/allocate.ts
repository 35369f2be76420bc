import { BufferPages } from "./buffer-page.js";
import { CpuBuffer } from "./cpu-buffer.js";
import { CpuMeta } from "./cpu-meta.js";
import { KernelFault } from "./fault.js";
import { offsetOf, rbRangeMeta, rbSubbufsFromMeta } from "./place.js";
import type { TraceBuffer } from "./trace-buffer.js";
import { rbMetaValidateEvents } from "./validate.js";

/**
 * rb_allocate_cpu_buffer() (ring_buffer.c, 6.12 to 7.3): a CPU comes up, its pages are found in the area and its
 * events validated. Null where the kernel gives up on this CPU.
 */
export function rbAllocateCpuBuffer(buffer: TraceBuffer, cpu: number): CpuBuffer | undefined {
  const { area, place } = buffer;
  const nrPages = place.nrPages!;
  const meta = new CpuMeta(area, place.cpuLayout, rbRangeMeta(area, place, nrPages + 1, cpu));
  const pages = new BufferPages(area, nrPages + 1);
  const subbufs = rbSubbufsFromMeta(meta);
  const range = rangeOf(buffer, cpu);
  for (let id = 0; id <= nrPages; id++) {
    if (!rbRangeBuffer(buffer, range, pages, id)) {
      const message = `buffers[${id}] of CPU ${cpu} leads out of the area, or its meta does not count so many: the kernel gives up on this CPU`;
      buffer.found({ code: "buffers-outside-area", cpu, offset: meta.offset + meta.layout.size + 4 * id, message });
      return undefined;
    }
  }
  const cpuBuffer = new CpuBuffer(cpu, meta, subbufs, pages);
  if (meta.headBuffer !== 0n) metaBufferUpdate(cpuBuffer);
  rbMetaValidateEvents(buffer, cpuBuffer);

  if (meta.headBuffer === 0n || !cpuBuffer.headPage || !cpuBuffer.commitPage || !cpuBuffer.tailPage) {
    if (meta.headBuffer !== 0n && (cpuBuffer.headPage || cpuBuffer.commitPage || cpuBuffer.tailPage)) {
      buffer.say("Ring buffer meta buffers not all mapped");
      if (!cpuBuffer.headPage) buffer.say("   Missing head_page");
      if (!cpuBuffer.commitPage) buffer.say("   Missing commit_page");
      if (!cpuBuffer.tailPage) buffer.say("   Missing tail_page");
      const message = `CPU ${cpu}: head_buffer or commit_buffer is not the address of a sub-buffer`;
      buffer.found({ code: "pages-not-mapped", cpu, offset: meta.offset + meta.layout.headBuffer, message });
    }
    cpuBuffer.headPage = cpuBuffer.pages;
    cpuBuffer.tailPage = cpuBuffer.commitPage = cpuBuffer.headPage;
    cpuBuffer.activateHeadPage();
    meta.commitBuffer = meta.headBuffer;
  } else {
    cpuBuffer.activateHeadPage();
  }
  return cpuBuffer;
}

/** rb_meta_buffer_update(): a page whose address is the head's or the commit's is that page. */
function metaBufferUpdate(cpuBuffer: CpuBuffer): void {
  const { all } = cpuBuffer;
  const { area, headBuffer, commitBuffer } = cpuBuffer.meta;
  const [head, commit] = [offsetOf(area, headBuffer), offsetOf(area, commitBuffer)];
  for (let slot = 0; slot < all.count; slot++) {
    const offset = all.offset[slot]!;
    if (offset === head) cpuBuffer.headPage = all.at(slot);
    if (offset === commit) {
      cpuBuffer.commitPage = all.at(slot);
      cpuBuffer.tailPage = all.at(slot);
    }
  }
}

/** A CPU's chunk, as rb_range_buffer() finds it anew for each sub-buffer: what stands there does not change meanwhile. */
interface Range {
  readonly cpu: number;
  readonly meta: CpuMeta;
  readonly nrSubbufs: number;
  readonly subbufSize: number;
  /** Where its sub-buffers begin. */
  readonly subbufs: number;
}

/** The chunk is found by the first CPU's count of sub-buffers. */
function rangeOf(buffer: TraceBuffer, cpu: number): Range {
  const { area, place } = buffer;
  const first = new CpuMeta(area, place.cpuLayout, place.buffersOffset);
  const meta = new CpuMeta(area, place.cpuLayout, rbRangeMeta(area, place, first.nrSubbufs, cpu));
  mustHold(buffer, { cpu, meta }, 0);
  const { nrSubbufs, subbufSize } = meta;
  return { cpu, meta, nrSubbufs, subbufSize, subbufs: rbSubbufsFromMeta(meta) };
}

/** Throws where buffers[id] lies outside the area. */
function mustHold(buffer: TraceBuffer, { cpu, meta: { offset } }: Pick<Range, "cpu" | "meta">, id: number): void {
  const { area, place } = buffer;
  if (offset < 0 || offset + place.cpuLayout.size + 4 * (id + 1) > area.size) throw unknown(buffer, cpu, offset);
}

/**
 * rb_range_buffer(): finds the sub-buffer of an id; false where the kernel finds none. How far it lies behind the first is
 * an int and wraps at 2 GiB (6.12 to 7.3).
 */
function rbRangeBuffer(buffer: TraceBuffer, range: Range, pages: BufferPages, id: number): boolean {
  const { area } = buffer;
  const { cpu, meta, nrSubbufs, subbufSize: size, subbufs } = range;
  mustHold(buffer, range, id);
  if (id >= nrSubbufs) return false;
  const index = meta.buffer(id);
  const at =
    size === area.pageSize
      ? subbufs + Math.imul(size, index)
      : offsetOf(area, area.ulong(area.address(subbufs) + BigInt(Math.imul(size, index))));
  if (at + size > area.size) return false;
  if (at < 0) throw unknown(buffer, cpu, at);
  pages.index[id] = index;
  pages.offset[id] = at;
  return true;
}

function unknown(buffer: TraceBuffer, cpu: number, offset: number): KernelFault {
  const message = `CPU ${cpu}: a sub-buffer would lie outside the area; what is there is not in the image`;
  return new KernelFault(
    "unknown-memory",
    { fn: "rb_allocate_cpu_buffer", cpu, address: buffer.area.address(offset) },
    message,
  );
}
