import type { Trace } from "../../trace.js";
import { type AboutTrace, aboutTrace } from "./about.js";
import { FileBytes } from "./file-bytes.js";
import { type KernelFiles, kernelFiles } from "./kernel-files.js";
import type { CpuData, PageData } from "./pages.js";

/** What a file of either version is made of, and the parts that look the same in both. */
export class FileFacts {
  readonly kernel: KernelFiles;
  readonly about: AboutTrace;
  readonly littleEndian: boolean;
  readonly pageSize: number;
  readonly nrCpus: number;
  readonly cpus: readonly CpuData[];
  private readonly longSize: 4 | 8;

  constructor(trace: Trace, { cpus, pageSize }: PageData, unknown: readonly Uint8Array[]) {
    const { abi, nrCpus } = trace.image.layout;
    this.kernel = kernelFiles(trace, unknown);
    this.about = aboutTrace(trace, cpus);
    this.littleEndian = abi.littleEndian;
    this.longSize = abi.longSize;
    this.pageSize = pageSize;
    this.nrCpus = nrCpus;
    this.cpus = cpus;
  }

  /** How the file begins. */
  start(version: "6" | "7"): FileBytes {
    return this.bytes()
      .bytes(MAGIC)
      .text("tracing")
      .string(version)
      .u8(this.littleEndian ? 0 : 1)
      .u8(this.longSize)
      .u32(this.pageSize);
  }

  headers(): FileBytes {
    const { headerPage, headerEvent } = this.kernel;
    return this.bytes().string("header_page").sized64(headerPage).string("header_event").sized64(headerEvent);
  }

  /** Formats of ftrace's own events. */
  ftrace(): FileBytes {
    return this.formats(this.kernel.ftrace);
  }

  /** All others. */
  events(): FileBytes {
    const out = this.bytes().u32(this.kernel.systems.length);
    for (const { system, formats } of this.kernel.systems) this.formats(formats, out.string(system));
    return out;
  }

  bytes(): FileBytes {
    return new FileBytes(this.littleEndian);
  }

  private formats(formats: readonly Uint8Array[], out = this.bytes()): FileBytes {
    out.u32(formats.length);
    for (const format of formats) out.sized64(format);
    return out;
  }
}

const MAGIC = Uint8Array.of(0x17, 0x08, 0x44);
