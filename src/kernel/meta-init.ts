import { structSizes } from "../ring/layouts.js";
import { layoutOf, RING_BUFFER_META, RING_BUFFER_META_MAGIC } from "../ring/structs.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";
import { CpuMeta } from "./cpu-meta.js";
import { KernelFault } from "./fault.js";
import type { BootCode } from "./finding.js";
import { rbRangeMeta, rbSubbufsFromMeta } from "./place.js";
import type { TraceBuffer } from "./trace-buffer.js";

/** rb_meta_init() (ring_buffer.c, 6.15 to 7.3): the global header, or a new one and a zeroed scratch. */
function rbMetaInit(buffer: TraceBuffer): boolean {
  const { area, place } = buffer;
  const { offsets } = layoutOf(RING_BUFFER_META, area.abi);
  const totalSize = area.ulong(BigInt(area.size));
  const sizes = structSizes(place.layout, area.abi);
  const reject = (code: BootCode, offset: number, what: string): false => {
    const message = `Ring buffer boot meta mismatch of ${what}`;
    buffer.say(message);
    buffer.found({ code, offset, message });
    area.setU32(offsets.magic, RING_BUFFER_META_MAGIC);
    area.setU32(offsets.struct_sizes, sizes);
    area.setLong(offsets.total_size, totalSize);
    area.setLong(offsets.buffers_offset, BigInt(place.buffersOffset));
    area.bytes.zero(place.globalSize, place.buffersOffset);
    return false;
  };
  if (area.u32(offsets.magic) !== RING_BUFFER_META_MAGIC) return reject("boot-meta-magic", offsets.magic, "magic");
  if (area.u32(offsets.struct_sizes) !== sizes >>> 0)
    return reject("boot-meta-struct-sizes", offsets.struct_sizes, "struct size");
  if (area.long(offsets.total_size) !== totalSize)
    return reject("boot-meta-total-size", offsets.total_size, "total size");
  const buffersOffset = area.long(offsets.buffers_offset);
  if (buffersOffset > totalSize)
    return reject("boot-meta-offset-outside", offsets.buffers_offset, "offset outside of total size");
  if (buffersOffset !== BigInt(place.buffersOffset))
    return reject("boot-meta-buffers-offset", offsets.buffers_offset, "first buffer offset");
  return true;
}

/** rb_range_meta_init() (ring_buffer.c): each CPU's meta is taken over, moved to this boot's address, or made new. */
export function rbRangeMetaInit(buffer: TraceBuffer, unknown: ReadonlySet<number>): void {
  const { area, place } = buffer;
  const nrSubbufs = place.nrPages! + 1;
  const valid = place.layout.bootMeta === undefined || rbMetaInit(buffer);
  if (!valid) for (let cpu = 0; cpu < place.nrCpus; cpu++) buffer.resetReasons.set(cpu, buffer.findings[0]!.code);
  for (let cpu = 0; cpu < place.nrCpus; cpu++) {
    if (unknown.has(cpu)) continue;
    const meta = new CpuMeta(area, place.cpuLayout, rbRangeMeta(area, place, nrSubbufs, cpu));
    if (meta.offset < 0 || meta.offset + place.cpuLayout.size + 4 * nrSubbufs > area.size)
      throw outsideArea(buffer, cpu, "the meta", meta.offset);
    if (valid && rbCpuMetaValid(buffer, meta, cpu, nrSubbufs)) {
      const delta = area.address(rbSubbufsFromMeta(meta)) - meta.firstBuffer;
      meta.firstBuffer += delta;
      meta.headBuffer += delta;
      meta.commitBuffer += delta;
      continue;
    }
    const next = cpu < place.nrCpus - 1 ? rbRangeMeta(area, place, nrSubbufs, cpu + 1) : area.size;
    if (next < meta.offset) throw zeroedOn(buffer, cpu, meta.offset);
    area.bytes.zero(meta.offset, next);
    makeMeta(buffer, meta, nrSubbufs);
  }
}

function makeMeta(buffer: TraceBuffer, meta: CpuMeta, nrSubbufs: number): void {
  const { area } = buffer;
  const { layout, offset } = meta;
  if (layout.magic >= 0) {
    area.setU32(offset + layout.magic, RING_BUFFER_META_MAGIC);
    area.setU32(offset + layout.structSize, layout.size);
    // rb_meta_init_text_addr()
    area.setLong(offset + layout.textAddr, buffer.textAddr);
    area.setLong(offset + layout.dataAddr, buffer.dataAddr);
  }
  meta.nrSubbufs = nrSubbufs;
  meta.subbufSize = area.pageSize;
  meta.firstBuffer = area.address(rbSubbufsFromMeta(meta));
  for (let i = 0; i < nrSubbufs; i++) meta.setBuffer(i, i);
}

/** rb_cpu_meta_valid(), rb_meta_valid() in 6.12 to 6.14 (ring_buffer.c). */
function rbCpuMetaValid(buffer: TraceBuffer, meta: CpuMeta, cpu: number, nrSubbufs: number): boolean {
  const { area, behaviour } = buffer;
  const { layout, offset } = meta;
  const page = area.pageSize;
  const reject = (code: BootCode, at: number, what: string, label = ` [${cpu}]`): false => {
    const message = `Ring buffer boot meta${label} ${what}`;
    buffer.say(message);
    buffer.found({ code, cpu, offset: at, message });
    buffer.resetReasons.set(cpu, code);
    return false;
  };
  if (layout.magic >= 0) {
    const magicFits = area.u32(offset + layout.magic) === RING_BUFFER_META_MAGIC;
    if (!magicFits || area.u32(offset + layout.structSize) !== layout.size)
      return reject("cpu-meta-magic", offset, "mismatch of magic or struct size", `[${cpu}]`);
  }
  const sizeAt = offset + layout.subbufSize;
  const sizeFits = meta.subbufSize === page;
  const countFits = meta.nrSubbufs === nrSubbufs;
  if (behaviour.checksSizes === "both" && !(sizeFits && countFits))
    return reject("cpu-meta-sizes", sizeAt, "mismatch of subbuf_size/nr_pages");
  if ((behaviour.checksSizes === "subbuf-size" || behaviour.checksSizes === "each") && !sizeFits)
    return reject("cpu-meta-subbuf-size", sizeAt, "invalid subbuf_size");
  if (behaviour.checksSizes === "each" && !countFits)
    return reject("cpu-meta-nr-subbufs", offset + layout.nrSubbufs, "invalid nr_subbufs");

  const count = meta.nrSubbufs;
  const product = behaviour.sizeProductIsU32 ? BigInt(Math.imul(page, count) >>> 0) : BigInt(page) * BigInt(count);
  const start = meta.firstBuffer;
  const end = area.ulong(start + product);
  const outside = (address: bigint): boolean => address < start || address >= end;
  if (outside(meta.headBuffer))
    return reject("head-out-of-range", offset + layout.headBuffer, "head buffer out of range");
  if (outside(meta.commitBuffer))
    return reject("commit-out-of-range", offset + layout.commitBuffer, "commit buffer out of range");

  // The commits are looked at in physical order; where the sizes were not checked they may lie anywhere.
  let subbuf = rbSubbufsFromMeta(meta);
  const seen = new Uint8Array(Math.min(count, Math.floor(area.size / 4)));
  for (let i = 0; i < count; i++) {
    const at = offset + layout.size + 4 * i;
    if (at + 4 > area.size) throw outsideArea(buffer, cpu, "buffers[]", at);
    const index = area.i32(at);
    if (index < 0 || index >= count) return reject("buffers-out-of-range", at, "array out of range");
    if (behaviour.checksCommits) {
      if (subbuf < 0 || subbuf + page > area.size) throw outsideArea(buffer, cpu, "a sub-buffer", subbuf);
      if (area.commitLow(subbuf) > page)
        return reject("commit-too-large", subbuf + COMMIT_OFFSET, "buffer invalid commit");
    }
    if (behaviour.checksDuplicates) {
      if (index < seen.length && seen[index]) return reject("buffers-duplicate", at, "array has duplicates");
      if (index < seen.length) seen[index] = 1;
    }
    subbuf += page;
  }
  return true;
}

function outsideArea(buffer: TraceBuffer, cpu: number, what: string, at: number): KernelFault {
  const message = `${what} of CPU ${cpu} would lie outside the area: what the kernel reads there is not in the image`;
  return new KernelFault("unknown-memory", { fn: "rb_cpu_meta_valid", cpu, address: buffer.area.address(at) }, message);
}

/** memset() of a length below zero. */
function zeroedOn(buffer: TraceBuffer, cpu: number, offset: number): KernelFault {
  const message = `more than 2 GiB a CPU: the next CPU's part would lie before that of CPU ${cpu}, and the kernel overwrites all memory behind it`;
  return new KernelFault(
    "bad-access",
    { fn: "rb_range_meta_init", cpu, address: buffer.area.address(offset) },
    message,
  );
}
