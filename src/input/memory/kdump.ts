import { inflateSync } from "node:zlib";
import { Bytes } from "../../ground/bytes.js";
import { InputError } from "../../ground/errors.js";
import { plural, pluralVerb } from "../../ground/plural.js";
import type { Source } from "../source.js";
import { lzo1x } from "../unpack/lzo1x.js";
import { Output } from "../unpack/output.js";
import { PageBitmap } from "./bitmap.js";
import { type KdumpHeader, readKdumpHeader } from "./kdump-header.js";
import { PagedMemory } from "./paged.js";
import type { MemoryRange } from "./physical.js";
import { unsnappy } from "./snappy.js";

/** A page's descriptor: where it lies, its size there, how it is packed, and the page's own flags. */
const DESCRIPTOR_SIZE = 24;

/** Flags of a descriptor (DUMP_DH_COMPRESSED_*). */
const ZLIB = 1;
const LZO = 2;
const SNAPPY = 4;
const ZSTD = 0x20;

/** Undoes zstd at once; undefined for a page that is damaged. */
type Unzstd = (packed: Uint8Array, size: number) => Uint8Array | undefined;

/** One file of a dump: all of its pages, or a part. */
interface Part {
  readonly source: Source;
  readonly header: KdumpHeader;
  readonly from: number;
  readonly to: number;
  /** Pages before `from` that have no descriptor in this file. */
  readonly skipped: number;
}

/** A dump in makedumpfile's compressed format: each page for itself, those left out named by a bitmap. */
export class KdumpMemory extends PagedMemory {
  readonly format = "kdump";
  readonly ranges: readonly MemoryRange[];
  readonly size: number;
  vmcoreinfo: string | undefined;
  private readonly opened: readonly string[];
  private damaged = 0;
  private firstDamage = "";
  private readonly bitmap: PageBitmap;
  private readonly blockSize: number;

  private constructor(
    private readonly parts: readonly Part[],
    bitmap: PageBitmap,
    private readonly unzstd: Unzstd,
  ) {
    const { header, source } = parts[0]!;
    super(header.blockSize);
    this.blockSize = header.blockSize;
    this.bitmap = bitmap;
    this.ranges = bitmap
      .stretches()
      .map(({ from, to }) => ({ start: from * header.blockSize, end: to * header.blockSize }));
    this.size = this.pagesHere() * header.blockSize;
    this.vmcoreinfo = parts.find((part) => part.header.vmcoreinfo !== undefined)?.header.vmcoreinfo;
    this.opened = [
      ...parts.flatMap((part) => part.source.notes),
      ...(header.incomplete
        ? [`${source.name}: the dump is marked incomplete: the disk was full when it was written`]
        : []),
      ...this.missingParts(),
    ];
  }

  /** @param sources the file, or the files of a split dump in any order; the first gives the name */
  static async open(sources: readonly Source[]): Promise<KdumpMemory> {
    const headers = sources.map((source) => ({ source, header: readKdumpHeader(source) }));
    const first = headers[0]!;
    const bitmap = new PageBitmap(first.source, first.header.bitmapAt, first.header.pages);
    const parts = headers.map(({ source, header }) => {
      const { from, to } = header.part ?? { from: 0, to: header.pages };
      return { source, header, from, to, skipped: header.part === undefined ? 0 : bitmap.rank(from) };
    });
    const { zstdBlocks } = await import("../unpack/zstd.js");
    return new KdumpMemory(parts, bitmap, await zstdBlocks());
  }

  get notes(): readonly string[] {
    if (this.damaged === 0) return this.opened;
    return [
      ...this.opened,
      `${this.name}: ${plural(this.damaged, "page")} cannot be unpacked, the first: ${this.firstDamage}`,
    ];
  }

  get name(): string {
    return this.parts[0]!.source.name;
  }

  protected nextUnit(number: number): number | undefined {
    for (let page = this.bitmap.next(number); page !== undefined; page = this.bitmap.next(page + 1)) {
      if (this.partOf(page) !== undefined) return page;
      const following = Math.min(...this.parts.map(({ from }) => (from > page! ? from : Number.POSITIVE_INFINITY)));
      if (following === Number.POSITIVE_INFINITY) return undefined;
      page = following - 1;
    }
    return undefined;
  }

  protected unpackUnit(page: number): Uint8Array | undefined {
    const part = this.partOf(page);
    if (part === undefined || !this.bitmap.has(page)) return undefined;
    const { source, header, skipped } = part;
    const at = header.descriptorsAt + (this.bitmap.rank(page) - skipped) * DESCRIPTOR_SIZE;
    const descriptor = new Bytes(source.read(at, DESCRIPTOR_SIZE), header.abi, at);
    // The file is cut before it: nothing is known of the page.
    if (descriptor.length < DESCRIPTOR_SIZE) return undefined;
    const offset = Number(descriptor.u64(0));
    const size = descriptor.u32(8);
    const flags = descriptor.u32(12);
    if (offset + size > source.size) return undefined;
    try {
      if (size > this.blockSize) throw new InputError(`${size} bytes are more than a page has`);
      const bytes = this.unpack(source.read(offset, size), flags);
      if (bytes.length !== this.blockSize) throw new InputError(`it unpacks to ${bytes.length} bytes`);
      return bytes;
    } catch (error) {
      // Whatever a decoder throws: one page is damaged, the others are read.
      const place = `page 0x${(page * this.blockSize).toString(16)}`;
      if (this.damaged++ === 0)
        this.firstDamage = `${place}: ${(error as Error).message} (at offset 0x${offset.toString(16)})`;
      return undefined;
    }
  }

  private unpack(packed: Uint8Array, flags: number): Uint8Array {
    const { blockSize } = this;
    if (flags & ZLIB) return inflateSync(packed, { maxOutputLength: blockSize });
    if (flags & ZSTD) {
      const page = this.unzstd(packed, blockSize);
      if (page === undefined) throw new InputError("zstd: the page is damaged");
      return page;
    }
    const output = new Output(blockSize, blockSize);
    if (flags & LZO) lzo1x(packed, output, blockSize);
    else if (flags & SNAPPY) unsnappy(packed, output);
    else return packed;
    return output.finish();
  }

  private partOf(page: number): Part | undefined {
    return this.parts.find(({ from, to }) => page >= from && page < to);
  }

  /** Pages that these files have. */
  private pagesHere(): number {
    return this.parts.reduce((sum, { from, to }) => sum + this.bitmap.rank(to) - this.bitmap.rank(from), 0);
  }

  /** Stretches of pages that the whole dump has and none of these files. */
  private missingParts(): string[] {
    const missing = this.bitmap.present - this.pagesHere();
    return missing > 0
      ? [
          `${this.name}: ${pluralVerb(missing, "page", ["of this split dump is", "of this split dump are"])} in parts that are not here`,
        ]
      : [];
  }

  close(): void {
    for (const { source } of this.parts) source.close();
  }
}
