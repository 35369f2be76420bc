import type { BufferPage } from "../kernel/buffer-page.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import { KernelFault } from "../kernel/fault.js";
import { RingReader } from "../kernel/reader.js";
import type { Kernel } from "../kernel/versions/kernel.js";
import type { MapBehaviour } from "../kernel/versions/mapping.js";
import { encodeMetaPage, type MetaValues, metaStructLength } from "../ring/trace-buffer-meta.js";
import { type Flush, flushMeta } from "./coherence.js";
import { type PageIds, pageIds } from "./page-id.js";

/**
 * The mapping of per_cpu/cpuN/trace_pipe_raw of one CPU: ring_buffer_map() (ring_buffer.c, 6.16 to 7.3). It stays true
 * to the buffer as GET_READER changes it, as a real mapping does.
 */
export class Mapping {
  readonly reader: RingReader;
  readonly behaviour: MapBehaviour;
  /** subbuf_ids[]: which sub-buffer each id of the mapping shows, by its slot. */
  readonly subbufIds: Int32Array;
  /** All ids as they were at map time. */
  readonly idsAtMap: PageIds;
  /** What the kernel flushed as it mapped. */
  readonly mapFlushes: readonly Flush[];
  private current: MetaValues;

  /** Maps the whole buffer. Throws KernelFault where the kernel itself would fail. */
  constructor(
    readonly cpu: CpuBuffer,
    readonly kernel: Kernel,
    /** Which rule of rb_page_id() holds. */
    readonly rule: "persistent" | "ordinary" = "persistent",
  ) {
    this.reader = new RingReader(cpu, kernel.reading, rule === "persistent");
    this.behaviour = kernel.mapping;
    this.idsAtMap = pageIds(cpu, (page) => this.reader.subbufIndex(page));
    this.subbufIds = this.setupIds();
    this.current = this.metaValues();
    this.mapFlushes = [flushMeta(this.behaviour, cpu.area.pageSize)];
  }

  get subbufSize(): number {
    return this.cpu.area.pageSize;
  }

  get nrSubbufs(): number {
    return this.cpu.nrPages + 1;
  }

  /** meta_page_size: the meta page is padded with zero pages to a sub-buffer; a persistent one is always a page. */
  get metaPageSize(): number {
    return this.subbufSize;
  }

  /** Bytes of a mapping from offset 0 to its end. */
  get size(): number {
    return this.metaPageSize + this.nrSubbufs * this.subbufSize;
  }

  /** The user meta page's fields, as last updated. */
  get meta(): MetaValues {
    return this.current;
  }

  /** rb_update_meta_page() */
  updateMetaPage(): Flush {
    this.current = this.metaValues();
    return flushMeta(this.behaviour, this.cpu.area.pageSize);
  }

  /** rb_page_id(): the physical index, or in an ordinary buffer what the sub-buffer was given at map time. */
  pageId(page: BufferPage): number {
    if (this.rule === "persistent") return this.reader.subbufIndex(page);
    return this.subbufIds.indexOf(page.slot);
  }

  /** The meta page's bytes. */
  metaPage(): Uint8Array {
    return encodeMetaPage(this.current, this.metaPageSize, this.cpu.area.abi);
  }

  /** A sub-buffer of the mapping, by its id, as it is now. */
  subbuf(id: number): Uint8Array {
    return this.cpu.area.bytes.read(this.cpu.all.offset[this.subbufIds[id]!]!, this.subbufSize);
  }

  /** The bytes that a program sees, a page at a time: `length` of them, in whole pages, from page `pgoff` on. */
  *pieces(pgoff = 0, length = this.size - pgoff * this.subbufSize): Generator<Uint8Array> {
    const end = pgoff + Math.ceil(length / this.subbufSize);
    for (let page = pgoff; page < end; page++) yield page === 0 ? this.metaPage() : this.subbuf(page - 1);
  }

  /** rb_setup_ids_meta_page(), and what __rb_map_vma() makes of an id that no sub-buffer got. */
  private setupIds(): Int32Array {
    const { nrSubbufs } = this;
    const ids = new Int32Array(nrSubbufs).fill(-1);
    const { slots, persistent } = this.idsAtMap;
    for (let position = 0; position < slots.length; position++) {
      const id = this.rule === "persistent" ? persistent[position]! : position;
      if (id >= nrSubbufs || id < 0) {
        this.reader.warnings.push(`rb_page_id() gives ${id} of ${nrSubbufs} sub-buffers`);
        // The reader page's id is used before it is looked at.
        if (position > 0) break;
        continue;
      }
      ids[id] = slots[position]!;
    }
    const missing = ids.indexOf(-1);
    if (missing >= 0 || ids.length === 0) {
      const kind = this.behaviour.idsAreHandles ? "null-dereference" : "bad-access";
      const message = `no sub-buffer has the id ${missing}: __rb_map_vma() follows an empty entry of subbuf_ids[]`;
      throw new KernelFault(kind, { fn: "__rb_map_vma", cpu: this.cpu.cpu, address: 0n }, message);
    }
    return ids;
  }

  private metaValues(): MetaValues {
    const { cpu, behaviour } = this;
    const long = (value: number): bigint => BigInt.asUintN(cpu.area.abi.longSize * 8, BigInt(value));
    return {
      meta_page_size: BigInt(this.metaPageSize),
      meta_struct_len: BigInt(metaStructLength(cpu.area.abi)),
      subbuf_size: BigInt(this.subbufSize),
      nr_subbufs: BigInt(this.nrSubbufs),
      "reader.lost_events": long(cpu.lostEvents),
      "reader.id": BigInt.asUintN(32, BigInt(this.pageId(cpu.readerPage))),
      "reader.read": BigInt(cpu.readerPage.read),
      flags: 0n,
      entries: long(cpu.entries),
      overrun: 0n,
      read: long(cpu.read),
      pages_lost: 0n,
      pages_touched: behaviour.fillsPages ? long(cpu.pagesTouched) : 0n,
    };
  }
}
