import { alignUp } from "../../ground/abi.js";
import { VERSION } from "../../version.js";
import type { AboutTrace } from "./about.js";
import type { FileBytes } from "./file-bytes.js";
import type { FileFacts } from "./file-facts.js";

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

/**
 * All of a file of version 7 up to its pages (trace-cmd's Documentation, trace-cmd.dat.v7(5)): sections, each with a head
 * of id, flags, place of its description, and length; where each lies is said by options. Nothing is compressed: which of
 * zstd and zlib a reader has depends on how it was built.
 */
export function* fileV7(facts: FileFacts): Generator<Uint8Array> {
  const { pageSize } = facts;
  const strings = facts.bytes();
  const described = new Map<number, number>();
  for (const [id, text] of Object.entries(DESCRIPTIONS)) {
    described.set(Number(id), strings.length);
    strings.string(text);
  }
  const section = (id: number, length: number): FileBytes =>
    facts.bytes().u16(id).u16(0).u32(described.get(id)!).u64(length);

  const { kernel, about } = facts;
  const contents: (readonly [id: number, content: FileBytes])[] = [
    [SECTION.HEADERS, facts.headers()],
    [SECTION.FTRACE, facts.ftrace()],
    [SECTION.EVENTS, facts.events()],
    [SECTION.KALLSYMS, facts.bytes().sized32(kernel.kallsyms)],
    [SECTION.PRINTK, facts.bytes().sized32(kernel.printkFormats)],
    [SECTION.CMDLINES, facts.bytes().sized64(Buffer.from(about.names, "latin1"))],
    [SECTION.STRINGS, strings],
  ];
  const start = facts.start("7").string("none").string("");
  let at = start.length + 8;
  const options = facts.bytes();
  for (const [id, content] of contents) {
    if (id !== SECTION.STRINGS) options.u16(id).u32(8).u64(at);
    at += SECTION_HEAD + content.length;
  }
  for (const [id, data] of aboutOptions(about, facts)) options.u16(id).u32(data.length).bytes(data);
  // The last two options are of known length, so where the pages lie is known too.
  const bufferLength = 8 + 1 + about.clock.length + 1 + 4 + 4 + facts.cpus.length * (4 + 8 + 8);
  const optionsAt = at;
  const bufferAt = optionsAt + SECTION_HEAD + options.length + (6 + bufferLength) + (6 + 8);
  const dataAt = alignUp(bufferAt + SECTION_HEAD, pageSize);
  options.u16(OPTION.BUFFER).u32(bufferLength).u64(bufferAt).string("").string(about.clock);
  options.u32(pageSize).u32(facts.cpus.length);
  let end = dataAt;
  for (const { cpu, pages } of facts.cpus) {
    options
      .u32(cpu)
      .u64(end)
      .u64(pages * pageSize);
    end += pages * pageSize;
  }
  options.u16(OPTION.END).u32(8).u64(0);

  yield* start.u64(optionsAt).all();
  for (const [id, content] of contents) {
    yield* section(id, content.length).all();
    yield* content.all();
  }
  yield* section(SECTION.OPTIONS, options.length).all();
  yield* options.all();
  yield* section(SECTION.BUFFER, end - bufferAt - SECTION_HEAD).all();
  yield new Uint8Array(dataAt - bufferAt - SECTION_HEAD);
}

/** Bytes of a section's head. */
const SECTION_HEAD = 16;

function* aboutOptions(about: AboutTrace, facts: FileFacts): Generator<[number, Buffer]> {
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, "latin1");
  for (const stats of about.cpuStats) yield [OPTION.CPUSTAT, text(stats)];
  yield [OPTION.TRACECLOCK, text(`[${about.clock}]`)];
  if (about.uname !== undefined) yield [OPTION.UNAME, text(about.uname)];
  yield [OPTION.CPUCOUNT, Buffer.concat(facts.bytes().u32(facts.nrCpus).all())];
  yield [OPTION.VERSION, text(`rbtool ${VERSION}`)];
}
