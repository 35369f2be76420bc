import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import type { PrintEnv } from "./env.js";
import type { TextSink } from "./text-sink.js";

/** Where a record's data lies: every event of a trace says so. */
export interface RecordData {
  /** The window that it lies in. */
  readonly bytes: Bytes;
  /** Where the data begins in the window, and how many bytes belong to it. */
  readonly data: number;
  readonly dataSize: number;
}

/**
 * The record that is being printed, as generated code and what it calls see it: R. Each printer has one for all its
 * records, so that nothing is allocated for a record.
 */
export class PrintedRecord {
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  private bytes: Bytes;
  /** The window, by number and byte. */
  d: DataView;
  u: Uint8Array;
  start = 0;
  end = 0;
  env: PrintEnv = NO_ENV;
  /** The value at hand depends on something that is not known. */
  unknown = false;
  /** Why a kernel does not survive printing the record. */
  fatal: string | undefined = undefined;
  /** Markers in all texts so far: values that could not be told. */
  marked = 0;

  constructor(abi: Abi) {
    this.littleEndian = abi.littleEndian;
    this.longSize = abi.longSize;
    this.bytes = new Bytes(new Uint8Array(0), abi);
    this.d = this.bytes.view;
    this.u = this.bytes.u8;
  }

  /** Becomes another record. Throws unless it lies in its window. */
  open({ bytes, data, dataSize }: RecordData, env: PrintEnv): this {
    bytes.need(data, dataSize);
    if (bytes !== this.bytes) this.enter(bytes);
    this.start = data;
    this.end = data + dataSize;
    this.env = env;
    this.unknown = false;
    this.fatal = undefined;
    return this;
  }

  private enter(bytes: Bytes): void {
    this.bytes = bytes;
    this.d = bytes.view;
    this.u = bytes.u8;
  }

  /** Whether `size` bytes at `at` are the record's. */
  has(at: number, size: number): boolean {
    return at >= this.start && at + size <= this.end;
  }

  u32(at: number): number {
    return this.d.getUint32(at, this.littleEndian);
  }

  /** The halves of a 64-bit number. */
  hi(at: number): number {
    return this.u32(this.littleEndian ? at + 4 : at);
  }

  lo(at: number): number {
    return this.u32(this.littleEndian ? at : at + 4);
  }

  /** The halves of an unsigned long of the writer. */
  longHi(at: number): number {
    return this.longSize === 8 ? this.hi(at) : 0;
  }

  longLo(at: number): number {
    return this.longSize === 8 ? this.lo(at) : this.u32(at);
  }

  /** Writes the text of %pS or %ps without a width; the halves may be signed. */
  writeSymbol(W: TextSink, hi: number, lo: number, style: "S" | "s"): void {
    const { env } = this;
    if (env.writeSymbol !== undefined) env.writeSymbol(W, hi, lo, style);
    else W.text(env.symbol(hi >>> 0, lo >>> 0, style));
  }
}

/** Of a record that is none yet. */
const NO_ENV: PrintEnv = { symbol: () => "", pointer: () => "", string: () => undefined };
