import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { MAX_CAPABILITIES, MAX_RAM_BLOCKS, MAX_SAVED_RUNS } from "../../ground/limits.js";
import type { Source } from "../source.js";
import { bitRuns } from "./bit-runs.js";
import { BrokenStream, StreamCursor } from "./stream-cursor.js";

/**
 * QEMU's migration stream: what `migrate "exec:cat > FILE"`, `migrate file:FILE` and `virsh dump` without `--memory-only` leave,
 * and, behind libvirt's header, `virsh save`. Numbers are big endian. As QEMU writes it: migration/savevm.c
 * (qemu_savevm_state_header(), qemu_savevm_state_setup()), migration/ram.c (ram_save_setup(), ram_save_page()).
 */
const MAGIC = "QEVM";
const VERSION = 3;

/** What a part of the stream begins with (QEMU_VM_*). */
const SECTION_START = 0x01;
const SECTION_PART = 0x02;
const SECTION_END = 0x03;
const SECTION_FULL = 0x04;
const SUBSECTION = 0x05;
const CONFIGURATION = 0x07;
const COMMAND = 0x08;
const SECTION_FOOTER = 0x7e;
/** Any of them may follow a section's footer; 0 ends the stream. */
const BEGINNINGS: ReadonlySet<number> = new Set([0, SECTION_START, SECTION_PART, SECTION_END, SECTION_FULL, COMMAND]);

/** The low bits of a page's address in its block (RAM_SAVE_FLAG_*). */
const ZERO = 0x02;
const MEM_SIZE = 0x04;
const PAGE = 0x08;
const EOS = 0x10;
const CONTINUE = 0x20;
const XBZRLE = 0x40;
const COMPRESS_PAGE = 0x100;
const MULTIFD_FLUSH = 0x200;
const WITH_PAGE = ZERO | PAGE | XBZRLE | COMPRESS_PAGE;

/** What stands before each page. */
const WORD = 8;
const MAPPED_RAM_VERSION = 1;
/** TARGET_PAGE_BITS of most machines; of the others the stream tells it. */
const PAGE_BITS = 12;
const MAX_PAGE_BITS = 16;

/**
 * What became of pages: their bytes in the file, `stride` apart; one byte over and over; one page packed by zlib; or what changed
 * in them (XBZRLE), which is not read.
 */
export type Saved =
  | { readonly kind: "bytes"; readonly at: number; readonly stride: number }
  | { readonly kind: "fill"; readonly byte: number }
  | { readonly kind: "zlib"; readonly at: number; readonly length: number }
  | { readonly kind: "changes" };

/** Pages of a block, one behind another. */
export interface PageRun {
  readonly first: number;
  count: number;
  readonly saved: Saved;
}

/** A RAMBlock: what one piece of the machine's memory, or a device's, is called, and its pages in the order of writing. */
export interface RamBlock {
  readonly name: string;
  readonly size: number;
  readonly runs: PageRun[];
}

export interface QemuStream {
  /** The machine's type with its version (`pc-q35-7.2`); empty where the stream does not tell. */
  readonly machine: string;
  readonly pageSize: number;
  readonly blocks: readonly RamBlock[];
  readonly notes: readonly string[];
}

export function isQemuStream(start: Uint8Array): boolean {
  return latin1(start.subarray(0, 4)) === MAGIC;
}

/**
 * Goes through a stream up to where the memory ends; devices follow. Damage ends it earlier, with a note.
 * @param at where the stream begins
 * Throws InputError where it is none, or has more than rbtool holds.
 */
export function readQemuStream(source: Source, at: number): QemuStream {
  const walk = new StreamWalk(source, at);
  walk.walk();
  return walk;
}

/** A block whose pages lie at places of their own (mapped-ram, since QEMU 9.0). */
interface MappedBlock {
  readonly block: RamBlock;
  readonly bitmapAt: number;
  readonly pagesAt: number;
}

class StreamWalk implements QemuStream {
  machine = "";
  readonly notes: string[] = [];
  private pageBits = PAGE_BITS;
  private readonly byName = new Map<string, RamBlock>();
  private readonly mapped: MappedBlock[] = [];
  private readonly capabilities = new Set<string>();
  private readonly cursor: StreamCursor;
  private ramSection: number | undefined;
  private block: RamBlock | undefined;
  private runs = 0;

  constructor(
    private readonly source: Source,
    at: number,
  ) {
    this.cursor = new StreamCursor(source, at);
  }

  get pageSize(): number {
    return 2 ** this.pageBits;
  }

  get blocks(): readonly RamBlock[] {
    return [...this.byName.values()];
  }

  walk(): void {
    const { name } = this.source;
    let isWhole = false;
    try {
      const { at } = this.cursor;
      if (this.cursor.text(MAGIC.length) !== MAGIC)
        throw new InputError(`${name}: no QEMU stream begins where one should (at offset 0x${at.toString(16)})`);
      const version = this.cursor.u32();
      if (version !== VERSION)
        throw new InputError(`${name}: a QEMU stream of version ${version}: version ${VERSION} is read`);
      while (!this.readPart());
      isWhole = true;
    } catch (error) {
      if (!(error instanceof BrokenStream)) throw error;
      this.notes.push(
        `${name}: ${error.message}: the rest of the memory is missing (at offset 0x${this.cursor.at.toString(16)})`,
      );
    }
    for (const mapped of this.mapped) this.addMapped(mapped, isWhole);
  }

  /** Reads what begins here; whether the memory ended with it. */
  private readPart(): boolean {
    const type = this.cursor.u8();
    if (type === CONFIGURATION) this.readConfiguration();
    else if (type === SECTION_FOOTER) this.cursor.u32();
    else if (type === COMMAND) {
      this.cursor.u16();
      this.cursor.skip(this.cursor.u16());
    } else if (type === SECTION_START || type === SECTION_FULL) {
      const id = this.cursor.u32();
      const name = this.cursor.text(this.cursor.u8());
      this.cursor.skip(8);
      if (name === "ram") this.ramSection = id;
      this.readSection(id);
    } else if (type === SECTION_PART || type === SECTION_END) {
      const id = this.cursor.u32();
      this.readSection(id);
      return type === SECTION_END && id === this.ramSection;
    } else throw new BrokenStream("the stream breaks off");
    return false;
  }

  private readConfiguration(): void {
    this.machine = this.cursor.text(this.cursor.u32());
    while (this.cursor.peek() === SUBSECTION) {
      this.cursor.skip(1);
      const name = this.cursor.text(this.cursor.u8());
      this.cursor.skip(4);
      if (name === "configuration/target-page-bits") this.readPageBits();
      else if (name === "configuration/uuid") this.cursor.skip(16);
      else if (name === "configuration/capabilities") this.readCapabilities();
      else throw new BrokenStream("a part of the configuration is not known");
    }
  }

  private readCapabilities(): void {
    const count = this.cursor.u32();
    if (count > MAX_CAPABILITIES) throw new BrokenStream("the list of capabilities makes no sense");
    for (let i = 0; i < count; i++) this.capabilities.add(this.cursor.text(this.cursor.u8()));
  }

  private readPageBits(): void {
    this.pageBits = this.cursor.u32();
    if (this.pageBits < PAGE_BITS || this.pageBits > MAX_PAGE_BITS)
      throw new InputError(`${this.source.name}: a QEMU stream of pages of 2^${this.pageBits} bytes`);
  }

  private readSection(id: number): void {
    if (id !== this.ramSection) this.skipSection(id);
    else while (!this.readRam());
  }

  /** A section tells no length: its footer repeats the number, and something else begins behind it. */
  private skipSection(id: number): void {
    const footer = Buffer.alloc(5);
    footer[0] = SECTION_FOOTER;
    footer.writeUInt32BE(id, 1);
    do this.cursor.skipBehind(footer);
    while (!BEGINNINGS.has(this.cursor.peek()));
  }

  /** Reads a word of the RAM section and what belongs to it; whether the section ended (ram_load_precopy()). */
  private readRam(): boolean {
    const word = this.cursor.u64();
    const flags = word % this.pageSize;
    if (flags & MEM_SIZE) this.readBlocks(word - flags);
    if (flags & WITH_PAGE) {
      if ((flags & CONTINUE) === 0) this.block = this.byName.get(this.cursor.text(this.cursor.u8()));
      if (this.block === undefined || word - flags >= this.block.size)
        throw new BrokenStream("a page is of no block of memory");
      this.add(this.block, { first: (word - flags) / this.pageSize, count: 1, saved: this.savedPage(flags) });
    } else if ((flags & (MEM_SIZE | EOS | MULTIFD_FLUSH)) === 0) throw new BrokenStream("the stream breaks off");
    return (flags & EOS) !== 0;
  }

  private savedPage(flags: number): Saved {
    const { pageSize } = this;
    if (flags & ZERO) return { kind: "fill", byte: this.cursor.u8() };
    if (flags & PAGE) {
      const { at } = this.cursor;
      this.cursor.skip(pageSize);
      return { kind: "bytes", at, stride: WORD + pageSize };
    }
    if (flags & COMPRESS_PAGE) {
      const length = this.cursor.u32();
      const { at } = this.cursor;
      this.cursor.skip(length);
      return { kind: "zlib", at, length };
    }
    this.cursor.skip(1);
    this.cursor.skip(this.cursor.u16());
    return { kind: "changes" };
  }

  /** Every block's name and size (parse_ramblocks()). */
  private readBlocks(total: number): void {
    for (let left = total; left > 0; ) {
      const name = this.cursor.text(this.cursor.u8());
      const size = this.cursor.u64();
      if (size > left) throw new BrokenStream("the sizes of the blocks of memory do not fit");
      if (this.byName.has(name)) throw new BrokenStream("a block of memory comes twice");
      if (this.byName.size === MAX_RAM_BLOCKS)
        throw new InputError(`${this.source.name}: a QEMU stream of more than ${MAX_RAM_BLOCKS} blocks of memory`);
      left -= size;
      const block: RamBlock = { name, size, runs: [] };
      this.byName.set(name, block);
      if (this.capabilities.has("x-ignore-shared")) this.cursor.skip(8);
      if (this.capabilities.has("mapped-ram")) this.readMapped(block);
    }
  }

  /** mapped_ram_read_header(). */
  private readMapped(block: RamBlock): void {
    const version = this.cursor.u32();
    const pageSize = this.cursor.u64();
    const bitmapAt = this.cursor.u64();
    const pagesAt = this.cursor.u64();
    if (version !== MAPPED_RAM_VERSION || pageSize !== this.pageSize)
      throw new BrokenStream("a block's header is of another version");
    // Memory that others share is not in the file.
    if (bitmapAt === 0 && pagesAt === 0) return;
    if (pagesAt < this.cursor.at) throw new BrokenStream("a block's pages lie before it");
    this.mapped.push({ block, bitmapAt, pagesAt });
    this.cursor.at = pagesAt + block.size;
  }

  /** Pages without a bit hold zeros, once the stream is whole: the bits are written last. */
  private addMapped({ block, bitmapAt, pagesAt }: MappedBlock, isWhole: boolean): void {
    const { pageSize } = this;
    const there = Math.max(0, Math.min(block.size, this.source.size - pagesAt));
    const pages = Math.ceil(there / pageSize);
    for (const { isSet, first, count } of bitRuns(this.source, bitmapAt, pages)) {
      if (isSet)
        this.add(block, { first, count, saved: { kind: "bytes", at: pagesAt + first * pageSize, stride: pageSize } });
      else if (isWhole) this.add(block, { first, count, saved: { kind: "fill", byte: 0 } });
    }
  }

  private add({ runs }: RamBlock, run: PageRun): void {
    const last = runs.at(-1);
    if (last !== undefined && goesOn(last, run)) {
      last.count += run.count;
      return;
    }
    if (this.runs++ === MAX_SAVED_RUNS)
      throw new InputError(
        `${this.source.name}: a QEMU stream whose pages lie in more than ${MAX_SAVED_RUNS} pieces: load it in QEMU, then \`dump-guest-memory\``,
      );
    runs.push(run);
  }
}

/** Whether a run's pages and places go on where another's end. */
function goesOn(last: PageRun, { first, saved }: PageRun): boolean {
  if (first !== last.first + last.count) return false;
  if (saved.kind === "bytes")
    return last.saved.kind === "bytes" && saved.at === last.saved.at + last.count * last.saved.stride;
  if (saved.kind === "fill") return last.saved.kind === "fill" && saved.byte === last.saved.byte;
  return saved.kind === "changes" && last.saved.kind === "changes";
}
