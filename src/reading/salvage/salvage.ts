import { plural } from "../../ground/plural.js";
import { Sequence } from "../../ground/sequence.js";
import type { Image } from "../../image/image.js";
import type { TextAddresses } from "../../image/text-addresses.js";
import { CopyOnWrite } from "../../input/copy-on-write.js";
import { Area } from "../../kernel/area.js";
import { CpuMeta, cpuMetaLayout } from "../../kernel/cpu-meta.js";
import {
  layoutOf,
  RING_BUFFER_META,
  RING_BUFFER_META_MAGIC,
  TRACE_MOD_ENTRY_SIZE,
  TRACE_SCRATCH,
} from "../../ring/structs.js";
import { type CpuReading, shownSubbufs } from "../cpu-reading.js";
import { readingOf } from "../reading.js";
import type { SubbufReading } from "../subbuf-reading.js";
import { placeSubbufs, writePages } from "./write-pages.js";

/** What became of one sub-buffer. */
export interface SalvagedPage {
  /** As it was read. */
  readonly subbuf: SubbufReading;
  /** bpage->id in the salvaged image; `subbuf.id` is that of the image given. */
  readonly id: number;
}

export interface SalvagedCpu {
  readonly cpu: number;
  /** Events that were unread and are kept; events that are brought back beside. */
  readonly unreadEvents: number;
  readonly broughtBackEvents: number;
  /** As they were read, oldest first. */
  readonly kept: readonly SubbufReading[];
  /** Every sub-buffer, the kept ones first. */
  readonly pages: Sequence<SalvagedPage>;
}

export interface Salvage {
  readonly area: CopyOnWrite;
  readonly cpus: readonly SalvagedCpu[];
  /** What was mended outside the sub-buffers, in words. */
  readonly mended: readonly string[];
  /** What a kernel would still do to this image, and what of the reading no image can carry, in words. */
  readonly notes: readonly string[];
}

export interface SalvageOptions {
  /** The area's virtual start in the salvaged image; left out: as the writer had it. */
  readonly virt?: bigint;
  /** Set RB_MISSED_EVENTS where events are lost: readers of pages show it, but no kernel takes such a page over. */
  readonly markLosses?: boolean;
}

/**
 * The best image that can be made: everything that can be read, in time order, valid for every kernel that takes this
 * layout over. Sub-buffers stay where they are; headers, buffers[], commits and time stamps are made true.
 * @param size bytes of the area; where the image is cut, zeros stand for what is missing
 */
export function salvage(image: Image, size: number, options: SalvageOptions = {}): Salvage {
  const { layout } = image;
  const bytes = new CopyOnWrite(image.source, size);
  const virt = options.virt ?? image.virtualStart ?? 0n;
  const area = new Area(bytes, layout.abi, { pageSize: layout.geometry.subbufSize, virt });
  const mended: string[] = [];
  const notes: string[] = [];
  if (layout.generation === "global") mendHeader(image, area, mended, notes);
  const cpuLayout = cpuMetaLayout(layout.cpuMeta, layout.abi);
  const cpus = readingOf(image)
    .cpus.filter(({ cpu }) => cpu.subbufsOffset + cpu.nrSubbufs * cpu.subbufSize <= size)
    .map((reading) => {
      const { cpu } = reading;
      const kept = shownSubbufs(reading, true);
      writePages(area, cpu, kept, options.markLosses === true);
      clearOthers(area, reading);
      const ids = placeSubbufs(reading, kept);
      const meta = new CpuMeta(area, cpuLayout, cpu.metaOffset);
      mended.push(...mendCpuMeta(meta, cpu, image.textAddresses).map((what) => `CPU ${cpu.cpu} meta: ${what}`));
      orderBuffers(meta, cpu, ids, kept.length);
      return report(reading, kept, ids);
    });
  notes.push(...uncarried(cpus));
  if (cpus.length < image.cpus.length)
    notes.push(
      `the image ends before the sub-buffers of ${plural(image.cpus.length - cpus.length, "CPU")} do: those are left as they are`,
    );
  return { area: bytes, cpus, mended, notes };
}

/** A record says neither that it is in doubt nor that its time is an estimate. */
function uncarried(cpus: readonly SalvagedCpu[]): string[] {
  let doubted = 0;
  let estimated = 0;
  for (const { kept } of cpus)
    for (const { stretches } of kept)
      for (const { doubts, bounds, events } of stretches) {
        doubted += doubts.length;
        if (bounds !== undefined) estimated += events;
      }
  if (doubted === 0 && estimated === 0) return [];
  const what = [
    ...(doubted > 0 ? [`${plural(doubted, "event")} in doubt`] : []),
    ...(estimated > 0 ? [`${estimated} at estimated times`] : []),
  ].join(" and ");
  return [`${what} look like any others in the new image, which cannot mark either: keep the original`];
}

/** The global header and the scratch area, as a kernel would accept them. */
function mendHeader(image: Image, area: Area, mended: string[], notes: string[]): void {
  const { layout } = image;
  const { offsets, size } = layoutOf(RING_BUFFER_META, area.abi);
  const cpuMetaSize = layout.geometry.cpuMetaSize;
  const word = (name: "magic" | "struct_sizes", value: number): void => {
    if (area.u32(offsets[name]) === value) return;
    area.setU32(offsets[name], value);
    mended.push(`boot meta: ${name}`);
  };
  const long = (name: "total_size" | "buffers_offset", value: number): void => {
    if (area.long(offsets[name]) === BigInt(value)) return;
    area.setLong(offsets[name], BigInt(value));
    mended.push(`boot meta: ${name}`);
  };
  word("magic", RING_BUFFER_META_MAGIC);
  word("struct_sizes", (cpuMetaSize | (size << 16)) >>> 0);
  long("total_size", area.size);
  long("buffers_offset", layout.geometry.buffersOffset);

  const scratch = layoutOf(layout.scratch ?? TRACE_SCRATCH, area.abi);
  const entries = size + scratch.size;
  const room = Math.max(0, Math.floor((layout.geometry.buffersOffset - entries) / TRACE_MOD_ENTRY_SIZE));
  const stated = area.long(size + scratch.offsets.nr_entries);
  let good = 0;
  const limit = stated < BigInt(room) ? Number(stated) : room;
  while (good < limit && isModule(area, entries + good * TRACE_MOD_ENTRY_SIZE)) good++;
  if (stated !== BigInt(good)) {
    area.setLong(size + scratch.offsets.nr_entries, BigInt(good));
    mended.push(`scratch: ${good} of ${stated} module entries are good`);
  }
  if (layout.scratch !== TRACE_SCRATCH) return;
  const { clock_id } = layoutOf(TRACE_SCRATCH, area.abi).offsets;
  const clock = area.u32(size + clock_id);
  if (clock === 0) return;
  area.setU32(size + clock_id, 0);
  const name = image.scratch?.clockName;
  mended.push(`scratch: clock ${name ?? clock} put to local`);
  // setup_trace_scratch() (trace.c, 6.16 to 7.3): tracing_set_clock() empties the CPUs that are up.
  if (name !== undefined)
    notes.push(
      `the times are those of the clock ${name}, not local. A kernel that finds another clock named sets it, which empties the boot CPU's buffer`,
    );
}

function isModule(area: Area, at: number): boolean {
  const name = area.bytes.read(at, TRACE_MOD_ENTRY_SIZE).subarray(area.abi.longSize);
  const end = name.indexOf(0);
  if (end < 1) return false;
  return name.subarray(0, end).every((c) => c > 0x20 && c < 0x7f);
}

/** Whole: what an earlier lap left behind a zeroed header would be taken for consumed events. */
function clearOthers(area: Area, { cpu, subbufs }: CpuReading): void {
  for (const { believed, offset } of subbufs) if (!believed) area.bytes.zero(offset, offset + cpu.subbufSize);
}

/** Makes a CPU's meta true, but for the order of the sub-buffers; what had to be mended. */
function mendCpuMeta(meta: CpuMeta, cpu: CpuReading["cpu"], texts: TextAddresses | undefined): string[] {
  const { area, layout, offset } = meta;
  const mended: string[] = [];
  const u32 = (at: number, value: number, name: string): void => {
    if (at < 0 || area.u32(offset + at) === value) return;
    area.setU32(offset + at, value);
    mended.push(name);
  };
  u32(layout.magic, RING_BUFFER_META_MAGIC, "magic");
  u32(layout.structSize, layout.size, "struct_size");
  u32(layout.subbufSize, cpu.subbufSize, "subbuf_size");
  u32(layout.nrSubbufs, cpu.nrSubbufs, "nr_subbufs");
  u32(layout.nrInvalid, 0, "nr_invalid");
  u32(layout.entryBytes, 0, "entry_bytes");
  if (layout.textAddr >= 0) {
    area.setLong(offset + layout.textAddr, texts?.text ?? 0n);
    area.setLong(offset + layout.dataAddr, texts?.data ?? 0n);
  }
  const first = area.address(cpu.subbufsOffset);
  if (meta.firstBuffer !== first) {
    mended.push("first_buffer");
    meta.firstBuffer = first;
  }
  return mended;
}

/** Writes the order of the sub-buffers: buffers[], head and commit. */
function orderBuffers(meta: CpuMeta, cpu: CpuReading["cpu"], ids: Int32Array, kept: number): void {
  const { area } = meta;
  const byId = new Int32Array(cpu.nrSubbufs);
  for (let index = 0; index < ids.length; index++) byId[ids[index]!] = index;
  for (let id = 0; id < cpu.nrSubbufs; id++) meta.setBuffer(id, byId[id]!);
  // As rb_range_meta_init() leaves it (ring_buffer.c, 6.12 to 7.3).
  area.bytes.zero(cpu.buffersOffset + 4 * cpu.nrSubbufs, cpu.subbufsOffset);
  const address = (id: number): bigint => area.address(cpu.subbufsOffset + byId[id]! * cpu.subbufSize);
  const last = kept === cpu.nrSubbufs ? kept - 1 : Math.max(1, kept);
  meta.headBuffer = address(1);
  meta.commitBuffer = address(last);
}

function report(
  { cpu, subbufs, unread, consumed }: CpuReading,
  kept: SalvagedCpu["kept"],
  ids: Int32Array,
): SalvagedCpu {
  const others = subbufs.filter(({ believed }) => !believed);
  const pages = new Sequence(kept.length + others.length, (i) => {
    const subbuf = i < kept.length ? kept[i]! : others.at(i - kept.length);
    return { subbuf, id: ids[subbuf.index]! };
  });
  const events = (list: readonly SubbufReading[]): number => list.reduce((sum, { records }) => sum + records.events, 0);
  return { cpu: cpu.cpu, unreadEvents: events(unread), broughtBackEvents: events(consumed), kept, pages };
}
