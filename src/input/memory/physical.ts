import { lastUpTo } from "../../ground/last-up-to.js";

/** Physical addresses from `start` up to, not including, `end`. Numbers hold them: no machine has 2^53 bytes' worth. */
export interface MemoryRange {
  readonly start: number;
  readonly end: number;
}

/** What keeps a machine's memory. */
export type MemoryFormat = "raw" | "elf-core" | "kdump" | "lime" | "avml" | "qemu";

/** Each format in words. */
export const FORMAT_NAMES: Readonly<Record<MemoryFormat, string>> = {
  raw: "raw memory",
  "elf-core": "an ELF core",
  kdump: "a compressed kdump",
  lime: "a LiME dump",
  avml: "an AVML dump",
  qemu: "a QEMU stream",
};

/** A piece of memory: bytes that lie one behind another. */
export interface MemoryPiece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A machine's physical memory, as a dump has it. */
export interface PhysicalMemory {
  /** The dump's name, for messages. */
  readonly name: string;
  readonly format: MemoryFormat;
  /** Where the dump may have memory, ascending and apart from each other; single pages in them may be missing. */
  readonly ranges: readonly MemoryRange[];
  /** Bytes of memory that the dump has. */
  readonly size: number;
  /**
   * The text that the kernel left for crash tools, where the dump has it, or a search has found it in the memory; empty where
   * a search found none.
   */
  vmcoreinfo: string | undefined;
  /** What was noticed while it was opened; for stderr. */
  readonly notes: readonly string[];
  /** Its pages are packed one by one: to read one again is to unpack it again. */
  readonly packed: boolean;
  /** The bytes at `address`: `length` of them, or those before the first that the dump does not have. */
  read(address: number, length: number): Uint8Array;
  /** The same into memory that the caller owns: gives how many bytes are there. */
  readInto(bytes: Uint8Array, address: number): number;
  /** What the dump does not have between two addresses, ascending. */
  gaps(start: number, end: number): MemoryRange[];
  /** All that the dump has from `address` on, in ascending order; a piece's bytes are good until the next is taken. */
  pieces(address?: number): Iterable<MemoryPiece>;
  close(): void;
}

/** Sorts ranges and leaves out what an earlier one (by its start) has already. */
export function disjoint<Range extends MemoryRange>(
  ranges: readonly Range[],
  from: (range: Range, start: number) => Range,
): Range[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  const kept: Range[] = [];
  let end = 0;
  for (const range of sorted) {
    if (range.end <= range.start || range.end <= end) continue;
    kept.push(range.start >= end ? range : from(range, end));
    end = range.end;
  }
  return kept;
}

/** The index of the range that holds `address`, or of the first behind it; their number where none follows. */
export function rangeAt(ranges: readonly MemoryRange[], address: number): number {
  return lastUpTo(ranges.length, (i) => ranges[i]!.end, address) + 1;
}

/** What no range has between two addresses. */
export function gapsBetween(ranges: readonly MemoryRange[], start: number, end: number): MemoryRange[] {
  const gaps: MemoryRange[] = [];
  let at = start;
  for (let i = rangeAt(ranges, start); at < end; i++) {
    const range = ranges[i];
    const next = range === undefined ? end : Math.min(range.start, end);
    if (next > at) gaps.push({ start: at, end: next });
    at = range?.end ?? end;
  }
  return gaps;
}

export function sizeOf(ranges: readonly MemoryRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
