import type { Abi } from "../ground/abi.js";
import { subbufHeaderSize } from "../ground/abi.js";
import type { CopyOnWrite } from "../input/copy-on-write.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";
import type { KnownHeaders } from "./known-headers.js";

/**
 * The reserved area in the kernel's memory: its bytes, and where the kernel sees them. Everything that a boot, a reader or a
 * mapping does is done on it and on the structures that kernel/trace/ring_buffer.c keeps beside it (BufferPage, CpuBuffer);
 * nothing here checks what the kernel does not check, except that no access leaves the area.
 */
export class Area {
  /** Bytes before a sub-buffer's data (BUF_PAGE_HDR_SIZE). */
  readonly headerSize: number;
  /** PAGE_SIZE of the kernel that is simulated. */
  readonly pageSize: number;
  /** The address of its first byte in that boot. */
  readonly virt: bigint;
  private readonly wide: boolean;

  /**
   * @param bytes the area, changed in place
   * @param headers those of the image that were read already
   */
  constructor(
    readonly bytes: CopyOnWrite,
    readonly abi: Abi,
    { pageSize, virt }: Pick<Area, "pageSize" | "virt">,
    private readonly headers?: KnownHeaders,
  ) {
    this.pageSize = pageSize;
    this.virt = virt;
    this.headerSize = subbufHeaderSize(abi);
    this.wide = abi.longSize === 8;
  }

  get size(): number {
    return this.bytes.size;
  }

  /** Wraps as the machine's unsigned long. */
  ulong(value: bigint): bigint {
    return BigInt.asUintN(this.wide ? 64 : 32, value);
  }

  u32(at: number): number {
    return this.bytes.u32(at, this.abi.littleEndian);
  }

  i32(at: number): number {
    return this.u32(at) | 0;
  }

  setU32(at: number, value: number): void {
    this.bytes.setU32(at, value, this.abi.littleEndian);
  }

  u64(at: number): bigint {
    return this.bytes.u64(at, this.abi.littleEndian);
  }

  setU64(at: number, value: bigint): void {
    this.bytes.setU64(at, value, this.abi.littleEndian);
  }

  long(at: number): bigint {
    return this.wide ? this.u64(at) : BigInt(this.u32(at));
  }

  setLong(at: number, value: bigint): void {
    if (this.wide) this.setU64(at, this.ulong(value));
    else this.setU32(at, Number(this.ulong(value)));
  }

  /** time_stamp of the sub-buffer at this place. */
  timeStamp(subbuf: number): bigint {
    return this.headersOf(subbuf)?.timeStamp(subbuf) ?? this.u64(subbuf);
  }

  /** local_read() of its commit: the whole long, unsigned. */
  commit(subbuf: number): bigint {
    return this.headersOf(subbuf)?.commit(subbuf) ?? this.long(subbuf + COMMIT_OFFSET);
  }

  /** The same as an unsigned int: the long's low 32 bits. */
  commitLow(subbuf: number): number {
    const end = this.wide && !this.abi.littleEndian ? 4 : 0;
    return this.headersOf(subbuf)?.commitLow(subbuf) ?? this.u32(subbuf + COMMIT_OFFSET + end);
  }

  /** Those of the image, where this sub-buffer's header still stands as there. */
  private headersOf(subbuf: number): KnownHeaders | undefined {
    return this.headers !== undefined && this.bytes.isUntouched(subbuf, this.headerSize) ? this.headers : undefined;
  }

  /** The address of a byte of the area. */
  address(offset: number): bigint {
    return this.ulong(this.virt + BigInt(offset));
  }
}
