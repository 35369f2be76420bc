import { type Abi, alignUp, subbufHeaderSize } from "../../src/ground/abi.js";
import {
  layoutOf,
  RING_BUFFER_CPU_META,
  RING_BUFFER_CPU_META_INJECT,
  RING_BUFFER_META,
  RING_BUFFER_META_V1,
  type StructTable,
  TRACE_SCRATCH,
  TRACE_SCRATCH_V1,
} from "../../src/ring/structs.js";

/** Writes records as a kernel would, for what no kernel at hand wrote. */
export class SubbufBuilder {
  private readonly view: DataView;
  private at: number;

  constructor(
    readonly bytes: Uint8Array,
    private readonly abi: Abi,
    time: bigint,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = subbufHeaderSize(abi);
    this.view.setBigUint64(0, time, abi.littleEndian);
  }

  word(typeLen: number, delta: number): this {
    return this.u32(this.abi.littleEndian ? (typeLen | (delta << 5)) >>> 0 : ((typeLen << 27) | delta) >>> 0);
  }

  u32(value: number): this {
    this.view.setUint32(this.at, value >>> 0, this.abi.littleEndian);
    this.at += 4;
    return this;
  }

  /** An event of this payload, a multiple of 4 bytes; `long`: with its length in a word of its own. */
  event(delta: number, payload: Uint8Array, long = payload.length > 112): this {
    if (long) this.word(0, delta).u32(payload.length + 4);
    else this.word(payload.length / 4, delta);
    this.bytes.set(payload, this.at);
    this.at += payload.length;
    return this;
  }

  timeExtend(delta: bigint): this {
    return this.word(30, Number(delta & 0x7ffffffn)).u32(Number(delta >> 27n));
  }

  timeStamp(time: bigint): this {
    const low = time & ((1n << 59n) - 1n);
    return this.word(31, Number(low & 0x7ffffffn)).u32(Number(low >> 27n));
  }

  padding(length: number, delta = 1): this {
    this.word(29, delta).u32(length - 4);
    this.at += length - 8;
    return this;
  }

  /** Commits what was written. */
  commit(flags = 0n): void {
    const value = BigInt(this.at - subbufHeaderSize(this.abi)) | flags;
    if (this.abi.longSize === 8) this.view.setBigUint64(8, value, this.abi.littleEndian);
    else this.view.setUint32(8, Number(value), this.abi.littleEndian);
  }
}

export interface ImageOptions {
  readonly abi: Abi;
  readonly generation: "per-cpu" | "global";
  readonly inject?: boolean;
  /** A CPU's meta as no kernel has it. */
  readonly cpuMeta?: StructTable;
  /** As 6.15 writes it: a scratch area without the clock. */
  readonly clockless?: boolean;
  readonly subbufSize: number;
  readonly nrCpus: number;
  readonly totalSize: number;
  readonly nrSubbufs: number;
  readonly virtualStart: bigint;
}

/** An image with empty sub-buffers in their first order; `fill` writes to them. */
export function buildImage(
  options: ImageOptions,
  fill: (cpu: number, id: number, page: Uint8Array) => void = () => {},
): Uint8Array {
  const { abi, subbufSize, nrSubbufs, nrCpus } = options;
  const image = new Uint8Array(options.totalSize);
  const view = new DataView(image.buffer);
  const put = (type: string, at: number, value: bigint): void => {
    if (type === "long" && abi.longSize === 8) view.setBigUint64(at, value, abi.littleEndian);
    else view.setUint32(at, Number(value & 0xffffffffn), abi.littleEndian);
  };
  const write = (
    table: typeof RING_BUFFER_META | typeof RING_BUFFER_META_V1 | typeof RING_BUFFER_CPU_META,
    at: number,
    values: Record<string, bigint>,
  ): void => {
    const { offsets } = layoutOf(table, abi);
    for (const [name, field] of Object.entries(table.fields))
      put(field.type, at + (offsets as Record<string, number>)[name]!, values[name] ?? 0n);
  };
  const cpuMeta = (options.cpuMeta ??
    (options.generation === "per-cpu"
      ? RING_BUFFER_META_V1
      : options.inject
        ? RING_BUFFER_CPU_META_INJECT
        : RING_BUFFER_CPU_META)) as typeof RING_BUFFER_CPU_META;
  const cpuMetaSize = layoutOf(cpuMeta, abi).size;
  const metaSize = layoutOf(RING_BUFFER_META, abi).size;
  let at =
    options.generation === "per-cpu"
      ? 0
      : metaSize + layoutOf(options.clockless ? TRACE_SCRATCH_V1 : TRACE_SCRATCH, abi).size + 128 * 64;
  if (options.generation === "global")
    write(RING_BUFFER_META, 0, {
      magic: 0x0badfeedn,
      struct_sizes: BigInt(cpuMetaSize | (metaSize << 16)),
      total_size: BigInt(options.totalSize),
      buffers_offset: BigInt(at),
    });
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    const data = alignUp(at + cpuMetaSize + 4 * nrSubbufs, subbufSize);
    const first = options.virtualStart + BigInt(data);
    let last = 0;
    for (let id = 0; id < nrSubbufs; id++) {
      put("u32", at + cpuMetaSize + 4 * id, BigInt(id));
      const page = image.subarray(data + id * subbufSize, data + (id + 1) * subbufSize);
      fill(cpu, id, page);
      if (page[8] || page[9] || page[10] || page[11]) last = id;
      if (abi.longSize === 8 && (page[14] || page[15])) last = id;
    }
    write(cpuMeta, at, {
      magic: 0x0badfeedn,
      struct_size: BigInt(cpuMetaSize),
      first_buffer: first,
      head_buffer: first + BigInt(subbufSize),
      commit_buffer: first + BigInt(Math.max(1, last) * subbufSize),
      subbuf_size: BigInt(subbufSize),
      nr_subbufs: BigInt(nrSubbufs),
    });
    at = data + nrSubbufs * subbufSize;
  }
  return image;
}
