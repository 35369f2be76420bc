import { alignUp } from "../../ground/abi.js";
import type { Trace } from "../../trace/trace.js";
import { VERSION } from "../../version.js";
import { type AboutTrace, clockOf } from "./about.js";
import { FileBytes } from "./file-bytes.js";
import { FileFacts, fileStart } from "./file-facts.js";
import { type BufferData, type PageData, pagesOf } from "./page-data.js";
import type { TraceFile } from "./trace-file.js";

/** Numbers of sections; those from HEADERS on are numbers of options too, that say where the section lies. */
const SECTION = {
  OPTIONS: 0,
  BUFFER: 3,
  STRINGS: 15,
  HEADERS: 16,
  FTRACE: 17,
  EVENTS: 18,
  KALLSYMS: 19,
  PRINTK: 20,
  CMDLINES: 21,
} as const;

const OPTION = { END: 0, CPUSTAT: 2, BUFFER: 3, TRACECLOCK: 4, UNAME: 5, CPUCOUNT: 8, VERSION: 9 } as const;

/** What `trace-cmd dump` calls the sections. */
const DESCRIPTIONS: Readonly<Record<number, string>> = {
  [SECTION.OPTIONS]: "options",
  [SECTION.BUFFER]: "buffer flyrecord",
  [SECTION.STRINGS]: "strings",
  [SECTION.HEADERS]: "headers",
  [SECTION.FTRACE]: "ftrace events",
  [SECTION.EVENTS]: "events",
  [SECTION.KALLSYMS]: "kallsyms",
  [SECTION.PRINTK]: "printk",
  [SECTION.CMDLINES]: "command lines",
};

/** Bytes of a section's head. */
const SECTION_HEAD = 16;

/** Where a buffer's section lies in the file, its pages, and their end. */
interface Place {
  readonly at: number;
  readonly pages: number;
  readonly end: number;
}

/**
 * A file of version 7 (trace-cmd's Documentation, trace-cmd.dat.v7(5)): sections, each with a head of id, flags, place of
 * its description, and length; where each lies is said by options, and where these lie at the file's beginning. The pages
 * stand first: what the rest is made of is learnt while they are copied. Nothing is compressed: which of zstd and zlib a
 * reader has depends on how it was built.
 */
export class FileV7 implements TraceFile {
  private readonly places: readonly Place[];
  private readonly strings: FileBytes;
  private readonly described = new Map<number, number>();
  private facts: FileFacts | undefined;

  constructor(
    private readonly trace: Trace,
    private readonly data: PageData,
  ) {
    const { buffers, pageSize } = data;
    let at = this.start(0).length;
    this.places = buffers.map(({ cpus }) => {
      const pages = alignUp(at + SECTION_HEAD, pageSize);
      const place = { at, pages, end: pages + pagesOf(cpus) * pageSize };
      at = place.end;
      return place;
    });
    this.strings = this.bytes();
    for (const [id, text] of Object.entries(DESCRIPTIONS)) {
      this.described.set(Number(id), this.strings.length);
      this.strings.string(text);
    }
  }

  before(buffer: number): Iterable<Uint8Array> {
    const { at, pages, end } = this.places[buffer]!;
    const out = buffer === 0 ? this.start(this.places.at(-1)!.end) : this.bytes();
    this.section(SECTION.BUFFER, end - at - SECTION_HEAD, out);
    return out.bytes(new Uint8Array(pages - at - SECTION_HEAD)).all();
  }

  /** The options, and the sections that they tell of. */
  end(): Iterable<Uint8Array> {
    const facts = this.made();
    const { kernel, about } = facts;
    const sections: (readonly [id: number, content: FileBytes])[] = [
      [SECTION.STRINGS, this.strings],
      [SECTION.HEADERS, facts.headers()],
      [SECTION.FTRACE, facts.ftrace()],
      [SECTION.EVENTS, facts.events()],
      [SECTION.KALLSYMS, this.bytes().sized32(kernel.kallsyms)],
      [SECTION.PRINTK, this.bytes().sized32(kernel.printkFormats)],
      [SECTION.CMDLINES, this.bytes().sized64(Buffer.from(about.names, "latin1"))],
    ];
    const told = [...this.aboutOptions(about), ...this.data.buffers.map((buffer, i) => this.bufferOption(buffer, i))];
    const optionsSize =
      told.reduce((sum, [, data]) => sum + 6 + data.length, 0) + (sections.length - 1) * (6 + 8) + (6 + 8);
    let at = this.places.at(-1)!.end + SECTION_HEAD + optionsSize;
    const out = this.section(SECTION.OPTIONS, optionsSize, this.bytes());
    for (const [id, content] of sections) {
      if (id !== SECTION.STRINGS) out.u16(id).u32(8).u64(at);
      at += SECTION_HEAD + content.length;
    }
    for (const [id, data] of told) out.u16(id).u32(data.length).append(data);
    out.u16(OPTION.END).u32(8).u64(0);
    for (const [id, content] of sections) this.section(id, content.length, out).append(content);
    return out.all();
  }

  get unknownEvents(): number {
    return this.made().unknown.events;
  }

  get renamed(): number {
    return this.made().about.renamed;
  }

  private made(): FileFacts {
    this.facts ??= new FileFacts(this.trace, this.data);
    return this.facts;
  }

  private start(options: number): FileBytes {
    return fileStart("7", this.trace).string("none").string("").u64(options);
  }

  private section(id: number, length: number, out: FileBytes): FileBytes {
    return out.u16(id).u16(0).u32(this.described.get(id)!).u64(length);
  }

  private *aboutOptions(about: AboutTrace): Generator<readonly [number, FileBytes]> {
    const text = (value: string): FileBytes => this.bytes().string(value);
    for (const stats of about.cpuStats) yield [OPTION.CPUSTAT, text(stats)];
    yield [OPTION.TRACECLOCK, text(`[${about.clock}]`)];
    if (about.uname !== undefined) yield [OPTION.UNAME, text(about.uname)];
    yield [OPTION.CPUCOUNT, this.bytes().u32(this.trace.image.layout.nrCpus)];
    yield [OPTION.VERSION, text(`rbtool ${VERSION}`)];
  }

  private bufferOption({ name, cpus }: BufferData, i: number): readonly [number, FileBytes] {
    const { at, pages } = this.places[i]!;
    const { pageSize } = this.data;
    const out = this.bytes().u64(at).string(name).string(clockOf(this.trace)).u32(pageSize).u32(cpus.length);
    let end = pages;
    for (const { cpu, pages: count } of cpus) {
      out
        .u32(cpu)
        .u64(end)
        .u64(count * pageSize);
      end += count * pageSize;
    }
    return [OPTION.BUFFER, out];
  }

  private bytes(): FileBytes {
    return new FileBytes(this.trace.littleEndian);
  }
}
