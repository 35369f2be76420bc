import { alignUp } from "../ground/abi.js";
import { KINDS } from "../image/detect/layout-kinds.js";
import { DerivedSource, type Hole, type Source } from "../input/source.js";
import { chunksEnd, cpuMetaOffset, type Geometry, nrSubbufsFor, subbufsOffset } from "../ring/geometry.js";
import { bootMetaSize, structSizes, usualBuffersOffset } from "../ring/layouts.js";
import { layoutOf, RING_BUFFER_META, RING_BUFFER_META_MAGIC, type StructTable, writeStruct } from "../ring/structs.js";
import type { BarePages } from "./bare-pages.js";

/** Where an area that nobody placed lies: its sub-buffers need addresses that can be told apart. */
const START = 0x1000_0000n;
/** A page that is as free as the writer leaves it: where the ring's own begin. */
const READER_PAGE = 1;

/**
 * Sub-buffers without an area, with one made around them: the newest layout, an empty reader page, and the sub-buffers in
 * order behind it. Every command then reads them as it reads any; a boot is not simulated on what no kernel wrote.
 */
export class FramedPages extends DerivedSource implements Source {
  readonly size: number;
  readonly holes: readonly Hole[] = [];
  readonly physicalStart = undefined;
  readonly framed = true;
  private readonly geometry: Geometry;
  /** Headers and metas, by where they lie. */
  private readonly metas: readonly { readonly offset: number; readonly bytes: Uint8Array }[];

  constructor(
    source: Source,
    private readonly pages: BarePages,
  ) {
    super(source);
    const { abi, subbufSize, cpus } = pages;
    const kind = KINDS.find((each) => each.abi === abi)!;
    const most = cpus.reduce((count, offsets) => Math.max(count, offsets.length), 2);
    const nrSubbufs = most + READER_PAGE;
    this.geometry = {
      buffersOffset: usualBuffersOffset(kind, abi),
      bootMetaSize: bootMetaSize(kind, abi),
      cpuMetaSize: layoutOf(kind.cpuMeta as StructTable, abi).size,
      subbufSize,
      nrSubbufs,
    };
    this.size = sizeFor(this.geometry, cpus.length);
    const put = (table: StructTable, values: Readonly<Record<string, bigint>>, room: number): Uint8Array => {
      const bytes = new Uint8Array(room);
      writeStruct(table, bytes, abi, values);
      return bytes;
    };
    const header = put(
      RING_BUFFER_META,
      {
        magic: BigInt(RING_BUFFER_META_MAGIC),
        struct_sizes: BigInt(structSizes(kind, abi)),
        total_size: BigInt(this.size),
        buffers_offset: BigInt(this.geometry.buffersOffset),
      },
      this.geometry.bootMetaSize,
    );
    const chunks = cpus.map(({ length }, cpu) => {
      const offset = cpuMetaOffset(this.geometry, cpu);
      const first = START + BigInt(subbufsOffset(this.geometry, offset));
      const bytes = put(
        kind.cpuMeta as StructTable,
        {
          first_buffer: first,
          head_buffer: first + BigInt(subbufSize * READER_PAGE),
          commit_buffer: first + BigInt(subbufSize * Math.max(READER_PAGE, length)),
          subbuf_size: BigInt(subbufSize),
          nr_subbufs: BigInt(nrSubbufs),
        },
        this.geometry.cpuMetaSize + 4 * nrSubbufs,
      );
      const view = new DataView(bytes.buffer);
      for (let id = 0; id < nrSubbufs; id++) view.setInt32(this.geometry.cpuMetaSize + 4 * id, id, abi.littleEndian);
      return { offset, bytes };
    });
    this.metas = [{ offset: 0, bytes: header }, ...chunks];
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const bytes = new Uint8Array(end - offset);
    for (const { offset: start, bytes: meta } of this.metas) {
      const from = Math.max(offset, start);
      const to = Math.min(end, start + meta.length);
      if (from < to) bytes.set(meta.subarray(from - start, to - start), from - offset);
    }
    const { subbufSize } = this.pages;
    for (const [cpu, offsets] of this.pages.cpus.entries()) {
      const start = subbufsOffset(this.geometry, cpuMetaOffset(this.geometry, cpu)) + READER_PAGE * subbufSize;
      const first = Math.max(0, Math.floor((offset - start) / subbufSize));
      for (let i = first; i < offsets.length && start + i * subbufSize < end; i++) {
        const at = start + i * subbufSize;
        const from = Math.max(offset, at);
        const to = Math.min(end, at + subbufSize);
        if (from < to) bytes.set(this.source.read(offsets[i]! + from - at, to - from), from - offset);
      }
    }
    return bytes;
  }
}

/** The smallest area that the kernel would divide so; few are a page larger than what is in them. */
function sizeFor(geometry: Geometry, nrCpus: number): number {
  const end = alignUp(chunksEnd(geometry, nrCpus), geometry.subbufSize);
  for (let size = end; size <= end + 2 * nrCpus * geometry.subbufSize; size += geometry.subbufSize)
    if (nrSubbufsFor(size, nrCpus, geometry) === geometry.nrSubbufs) return size;
  return end;
}
