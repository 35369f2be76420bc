import type { Abi } from "../ground/abi.js";
import type { CpuMetaTable } from "../ring/layouts.js";
import { layoutOf } from "../ring/structs.js";
import type { Area } from "./area.js";

/** Byte offsets inside a CPU's meta, from the struct tables. */
export interface CpuMetaLayout {
  /** sizeof: where buffers[] begins. */
  readonly size: number;
  readonly firstBuffer: number;
  readonly headBuffer: number;
  readonly commitBuffer: number;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
  /** -1 where the struct has no such field. */
  readonly magic: number;
  readonly structSize: number;
  readonly textAddr: number;
  readonly dataAddr: number;
  readonly nrInvalid: number;
  readonly entryBytes: number;
}

/** Where a writer's struct has its fields on one kind of machine. */
export function cpuMetaLayout(table: CpuMetaTable, abi: Abi): CpuMetaLayout {
  const { offsets, size } = layoutOf(table, abi) as { offsets: Record<string, number>; size: number };
  const at = (name: string): number => offsets[name] ?? -1;
  return {
    size,
    firstBuffer: at("first_buffer"),
    headBuffer: at("head_buffer"),
    commitBuffer: at("commit_buffer"),
    subbufSize: at("subbuf_size"),
    nrSubbufs: at("nr_subbufs"),
    magic: at("magic"),
    structSize: at("struct_size"),
    textAddr: at("text_addr"),
    dataAddr: at("data_addr"),
    nrInvalid: at("nr_invalid"),
    entryBytes: at("entry_bytes"),
  };
}

/** One CPU's struct ring_buffer_(cpu_)meta, in the area. */
export class CpuMeta {
  constructor(
    readonly area: Area,
    readonly layout: CpuMetaLayout,
    /** Where it begins in the area. */
    readonly offset: number,
  ) {}

  get firstBuffer(): bigint {
    return this.area.long(this.offset + this.layout.firstBuffer);
  }
  set firstBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.firstBuffer, value);
  }
  get headBuffer(): bigint {
    return this.area.long(this.offset + this.layout.headBuffer);
  }
  set headBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.headBuffer, value);
  }
  get commitBuffer(): bigint {
    return this.area.long(this.offset + this.layout.commitBuffer);
  }
  set commitBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.commitBuffer, value);
  }
  get subbufSize(): number {
    return this.area.u32(this.offset + this.layout.subbufSize);
  }
  set subbufSize(value: number) {
    this.area.setU32(this.offset + this.layout.subbufSize, value);
  }
  get nrSubbufs(): number {
    return this.area.u32(this.offset + this.layout.nrSubbufs);
  }
  set nrSubbufs(value: number) {
    this.area.setU32(this.offset + this.layout.nrSubbufs, value);
  }

  /** buffers[id], signed as in the kernel. */
  buffer(id: number): number {
    return this.area.i32(this.offset + this.layout.size + 4 * id);
  }
  setBuffer(id: number, index: number): void {
    this.area.setU32(this.offset + this.layout.size + 4 * id, index);
  }
}
