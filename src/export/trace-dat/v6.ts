import { alignUp } from "../../ground/abi.js";
import type { Trace } from "../../trace/trace.js";
import { VERSION } from "../../version.js";
import type { FileBytes } from "./file-bytes.js";
import { FileFacts, fileStart } from "./file-facts.js";
import { type PageData, pagesOf } from "./page-data.js";
import type { TraceFile } from "./trace-file.js";

const OPTION = { END: 0, CPUSTAT: 2, BUFFER: 3, TRACECLOCK: 4, UNAME: 5, VERSION: 9 } as const;

/**
 * A file of version 6 (trace-cmd's Documentation, trace-cmd.dat.v6(5)): no sections, and every CPU. Of a further buffer, an
 * option says where its own index lies (tracecmd_buffer_instance_handle(), lib/trace-cmd).
 */
export class FileV6 implements TraceFile {
  private readonly facts: FileFacts;
  private readonly clock: string;
  /** All before the index of the first buffer. */
  private readonly head: FileBytes;
  /** Where each buffer's index begins. */
  private readonly places: readonly number[];

  constructor(
    private readonly trace: Trace,
    private readonly data: PageData,
  ) {
    this.facts = new FileFacts(trace, data);
    this.clock = `[${this.facts.about.clock}]`;
    // The options are as long wherever the buffers lie.
    const { length } = this.headOf([]);
    let at = length;
    this.places = data.buffers.map(({ cpus }) => {
      const place = at;
      at = this.pagesAt(at) + pagesOf(cpus) * data.pageSize;
      return place;
    });
    this.head = this.headOf(this.places);
  }

  before(buffer: number): Iterable<Uint8Array> {
    const { pageSize, buffers } = this.data;
    const place = this.places[buffer]!;
    const out = buffer === 0 ? this.head : this.facts.bytes();
    out.string("flyrecord");
    let at = this.pagesAt(place);
    for (let cpu = 0; cpu < this.facts.nrCpus; cpu++) {
      const size = (buffers[buffer]!.cpus.find((each) => each.cpu === cpu)?.pages ?? 0) * pageSize;
      out.u64(at).u64(size);
      at += size;
    }
    out.sized64(Buffer.from(this.clock, "latin1"));
    return out.bytes(new Uint8Array(this.pagesAt(place) - place - this.indexSize)).all();
  }

  end(): Iterable<Uint8Array> {
    return [];
  }

  get unknownEvents(): number {
    return this.facts.unknown.events;
  }

  get renamed(): number {
    return this.facts.about.renamed;
  }

  /** With the option TRACECLOCK, readers take the clock's text from behind the index (read_cpu_data(), lib/trace-cmd). */
  private get indexSize(): number {
    return 10 + this.facts.nrCpus * 16 + 8 + this.clock.length;
  }

  private pagesAt(index: number): number {
    return alignUp(index + this.indexSize, this.data.pageSize);
  }

  private headOf(places: readonly number[]): FileBytes {
    const { kernel, about, nrCpus } = this.facts;
    const out = fileStart("6", this.trace);
    for (const part of [this.facts.headers(), this.facts.ftrace(), this.facts.events()]) out.append(part);
    out.sized32(kernel.kallsyms).sized32(kernel.printkFormats).sized64(Buffer.from(about.names, "latin1"));
    out.u32(nrCpus).string("options  ");
    const option = (id: number, text: string): void => {
      out
        .u16(id)
        .u32(text.length + 1)
        .string(text);
    };
    for (const stats of about.cpuStats) option(OPTION.CPUSTAT, stats);
    this.data.buffers.forEach(({ name }, i) => {
      if (i === 0) return;
      out
        .u16(OPTION.BUFFER)
        .u32(8 + name.length + 1)
        .u64(places[i] ?? 0)
        .string(name);
    });
    option(OPTION.TRACECLOCK, this.clock);
    if (about.uname !== undefined) option(OPTION.UNAME, about.uname);
    option(OPTION.VERSION, `rbtool ${VERSION}`);
    return out.u16(OPTION.END);
  }
}
