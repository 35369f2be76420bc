import { subbufOffset } from "../image/image.js";
import type { KnownHeaders } from "../kernel/known-headers.js";
import { Flag, type SubbufTable } from "./subbuf-table.js";

/** The headers of all sub-buffers that were walked, for who simulates a boot. */
export class ReadHeaders implements KnownHeaders {
  /** Whose sub-buffers were asked for last, and where they lie. */
  private table: SubbufTable;
  private start = 0;
  private end = 0;

  /** @param tables as the CPUs lie in the image */
  constructor(private readonly tables: readonly SubbufTable[]) {
    this.table = tables[0]!;
  }

  timeStamp(offset: number): bigint | undefined {
    const index = this.indexOf(offset);
    return index < 0 ? undefined : this.table.times[index]!;
  }

  commit(offset: number): bigint | undefined {
    const index = this.indexOf(offset);
    return index < 0 ? undefined : this.table.header(index).commit;
  }

  commitLow(offset: number): number | undefined {
    const index = this.indexOf(offset);
    return index < 0 ? undefined : this.table.header(index).commitLo;
  }

  /** The physical index of the sub-buffer there, in `table`; below zero where none was walked. */
  private indexOf(offset: number): number {
    if (!(offset >= this.start && offset < this.end) && !this.turnTo(offset)) return -1;
    const index = (offset - this.start) / this.table.cpu.subbufSize;
    const { table } = this;
    return Number.isInteger(index) && table.isPlaced(index) && !table.is(index, Flag.CutOff) ? index : -1;
  }

  private turnTo(offset: number): boolean {
    const table = this.tables.find(
      ({ cpu }) => offset >= subbufOffset(cpu, 0) && offset < subbufOffset(cpu, cpu.nrSubbufs),
    );
    if (table === undefined) return false;
    this.table = table;
    this.start = subbufOffset(table.cpu, 0);
    this.end = subbufOffset(table.cpu, table.cpu.nrSubbufs);
    return true;
  }
}
