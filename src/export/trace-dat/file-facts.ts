import type { Trace } from "../../trace/trace.js";
import { type AboutTrace, aboutTrace } from "./about.js";
import { FileBytes } from "./file-bytes.js";
import { type KernelFiles, kernelFiles } from "./kernel-files.js";
import type { PageData } from "./page-data.js";
import { type UnknownTypes, unknownTypes } from "./unknown-types.js";

/** How a file of either version begins. */
export function fileStart(version: "6" | "7", { image: { layout } }: Trace): FileBytes {
  const { littleEndian, longSize } = layout.abi;
  return new FileBytes(littleEndian)
    .bytes(MAGIC)
    .text("tracing")
    .string(version)
    .u8(littleEndian ? 0 : 1)
    .u8(longSize)
    .u32(layout.geometry.subbufSize);
}

/** What a file of either version is made of beside the pages, and the parts that look the same in both. */
export class FileFacts {
  readonly kernel: KernelFiles;
  readonly about: AboutTrace;
  readonly nrCpus: number;
  readonly unknown: UnknownTypes;
  private readonly littleEndian: boolean;

  constructor(trace: Trace, { buffers, survey }: PageData) {
    const { abi, nrCpus } = trace.image.layout;
    this.unknown = unknownTypes(trace, survey);
    this.kernel = kernelFiles(trace, this.unknown.formats);
    this.about = aboutTrace(trace, buffers[0]!.cpus, survey);
    this.littleEndian = abi.littleEndian;
    this.nrCpus = nrCpus;
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
