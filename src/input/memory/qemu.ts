import { inflateSync } from "node:zlib";
import { lastUpTo } from "../../ground/last-up-to.js";
import { pluralVerb } from "../../ground/plural.js";
import type { Source } from "../source.js";
import { Window } from "../window.js";
import { PagedMemory } from "./paged.js";
import { type MemoryRange, sizeOf } from "./physical.js";
import { allAt, type Placed, placesOf, ramOf } from "./qemu-machine.js";
import { type QemuStream, type RamBlock, readQemuStream, type Saved } from "./qemu-stream.js";
import { lastWritten, pieceBefore, type WrittenPiece } from "./written-pieces.js";

/** Bytes that are read at once: a search goes from page to page. */
const AHEAD = 64 * 1024;

/** A machine's memory in QEMU's migration stream. A page that was written twice is what it was at last. */
export class QemuMemory extends PagedMemory {
  readonly format = "qemu";
  readonly ranges: readonly MemoryRange[];
  readonly size: number;
  vmcoreinfo: string | undefined;
  readonly notes: readonly string[];
  private readonly written: Written;
  private readonly kept: readonly WrittenPiece[];
  private readonly pageSize: number;
  private readonly window: Window;
  private readonly fills = new Map<number, Uint8Array>();

  /** @param at where the stream begins */
  constructor(
    private readonly source: Source,
    at: number,
    notes: readonly string[],
  ) {
    const stream = readQemuStream(source, at);
    super(stream.pageSize);
    this.pageSize = stream.pageSize;
    this.window = new Window(source, AHEAD);
    const ram = ramOf(stream.blocks);
    const places = placesOf(stream.machine, ram[0]?.name ?? "", sumOfSizes(ram));
    this.written = writtenPages(ram, places ?? allAt(0), stream.pageSize);
    const pieces = lastWritten(this.written.pieces);
    this.kept = pieces.filter(({ place }) => this.savedAt(place).saved.kind !== "changes");
    this.ranges = rangesOf(this.kept, stream.pageSize);
    this.size = sizeOf(this.ranges);
    const changes = sumOfSizes(pieces) - sumOfSizes(this.kept);
    this.notes = [...source.notes, ...notes, ...stream.notes, ...notesOf(source.name, stream, { changes, places })];
  }

  get name(): string {
    return this.source.name;
  }

  protected nextUnit(page: number): number | undefined {
    return this.pieceOf(page) === undefined ? this.kept[pieceBefore(this.kept, page) + 1]?.start : page;
  }

  protected unpackUnit(page: number): Uint8Array | undefined {
    const piece = this.pieceOf(page);
    if (piece === undefined) return undefined;
    const { saved, nth } = this.savedAt(piece.place + page - piece.start);
    switch (saved.kind) {
      case "fill":
        return this.filled(saved.byte);
      case "bytes":
        return this.whole(this.window.read(saved.at + nth * saved.stride, this.pageSize).slice());
      case "zlib":
        return this.whole(
          inflated(this.window.read(saved.at, Math.min(saved.length, 2 * this.pageSize)), this.pageSize),
        );
      case "changes":
        return undefined;
    }
  }

  /** The same page each time: a machine has millions of zeros. */
  private filled(byte: number): Uint8Array {
    let page = this.fills.get(byte);
    if (page === undefined) {
      page = new Uint8Array(this.pageSize).fill(byte);
      this.fills.set(byte, page);
    }
    return page;
  }

  private whole(page: Uint8Array): Uint8Array | undefined {
    return page.length === this.pageSize ? page : undefined;
  }

  private pieceOf(page: number): WrittenPiece | undefined {
    const piece = this.kept[pieceBefore(this.kept, page)];
    return piece !== undefined && page < piece.start + piece.size ? piece : undefined;
  }

  /** What became of the page that was written as the `place`th, and the how manyth it is of those that follow each other there. */
  private savedAt(place: number): { readonly saved: Saved; readonly nth: number } {
    const { pieces, saved } = this.written;
    const i = lastUpTo(pieces.length, (i) => pieces[i]!.place, place);
    return { saved: saved[i]!, nth: place - pieces[i]!.place };
  }

  close(): void {
    this.source.close();
  }
}

/** Pieces of memory in the order of writing: `start` and `size` are physical pages, `place` counts pages as they were written. */
interface Written {
  readonly pieces: readonly WrittenPiece[];
  /** What became of each piece's pages. */
  readonly saved: readonly Saved[];
}

function writtenPages(ram: readonly RamBlock[], places: readonly Placed[], pageSize: number): Written {
  const pieces: WrittenPiece[] = [];
  const saved: Saved[] = [];
  let written = 0;
  let before = 0;
  for (const block of ram) {
    for (const run of block.runs) {
      // A run on both sides of a hole in the addresses is two.
      for (let nth = 0; nth < run.count; ) {
        const page = before + run.first + nth;
        const { from, to, address } = places.find((each) => page * pageSize < each.to)!;
        const size = Math.min(run.count - nth, to / pageSize - page);
        pieces.push({ start: page + (address - from) / pageSize, size, place: written });
        saved.push(skipped(run.saved, nth));
        written += size;
        nth += size;
      }
    }
    before += Math.ceil(block.size / pageSize);
  }
  return { pieces, saved };
}

/** What zlib packed; empty where it is damaged. */
function inflated(packed: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength });
  } catch {
    return new Uint8Array(0);
  }
}

/** The same from a later page on. */
function skipped(saved: Saved, pages: number): Saved {
  return saved.kind === "bytes" && pages > 0 ? { ...saved, at: saved.at + pages * saved.stride } : saved;
}

function rangesOf(pieces: readonly WrittenPiece[], pageSize: number): MemoryRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, size } of pieces) {
    const end = (start + size) * pageSize;
    const last = ranges.at(-1);
    if (last?.end === start * pageSize) last.end = end;
    else ranges.push({ start: start * pageSize, end });
  }
  return ranges;
}

function sumOfSizes(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

interface Unknown {
  /** Pages of which the stream has what changed. */
  readonly changes: number;
  readonly places: readonly Placed[] | undefined;
}

function notesOf(name: string, { machine, blocks }: QemuStream, { changes, places }: Unknown): string[] {
  const notes: string[] = [];
  if (changes > 0)
    notes.push(
      `${name}: ${pluralVerb(changes, "page")} missing: QEMU wrote what changed there (XBZRLE), which is not read`,
    );
  if (places === undefined && blocks.length > 0)
    notes.push(`${name}: where a machine "${machine}" has its memory is not known: addresses count from its beginning`);
  return notes;
}
