import type { Shortfalls } from "../shortfalls.js";
import type { Survey } from "./survey.js";

/** A CPU's sub-buffers for the file. */
export interface CpuData {
  readonly cpu: number;
  readonly pages: number;
}

/** What the file calls a buffer: that of the trace has no name. */
export interface BufferData {
  readonly name: string;
  readonly cpus: readonly CpuData[];
}

/** The sub-buffers that the file gets. */
export interface PageData {
  readonly pageSize: number;
  readonly buffers: readonly BufferData[];
  readonly events: number;
  readonly shortfalls: Shortfalls;
  /** What a walk over the records tells; none of its own is needed where all pieces have been taken. */
  readonly survey: Survey;
  /** The bytes of a buffer's pages, CPU by CPU. A piece is valid until the next but one is asked for. */
  pieces(buffer: number): Generator<Uint8Array>;
}

export function pagesOf(cpus: readonly CpuData[]): number {
  return cpus.reduce((sum, { pages }) => sum + pages, 0);
}
