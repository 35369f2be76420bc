/**
 * rbtool as a library: the core that the command line uses.
 *
 * ```ts
 * import { openImage, scanSubbuf } from "rbtool";
 * const image = await openImage("dump.bin");
 * for (const cpu of image.cpus) console.log(cpu.cpu, cpu.head, cpu.commit);
 * ```
 */
import { type Image, readImage } from "./image/image.js";
import { openSource } from "./input/open.js";
import { MemorySource, type Source } from "./input/source.js";

/**
 * Opens an image: a path (`-` for standard input; gzip and zstd are undone), the bytes themselves, or any Source.
 * @throws InputError when it cannot be read; NotAnImageError when it is no persistent trace buffer
 */
export async function openImage(input: string | Uint8Array | Source): Promise<Image> {
  if (typeof input === "string") return readImage(await openSource(input));
  return readImage(input instanceof Uint8Array ? new MemorySource(input) : input);
}

export type { Abi } from "./abi.js";
export { Bytes } from "./bytes.js";
export { DIAGNOSTIC_CODES, type Diagnostic, type DiagnosticCode, Diagnostics, type Severity } from "./diagnostics.js";
export { DecodeError, InputError, NotAnImageError, UsageError } from "./errors.js";
export type { CpuArea, SubbufRef } from "./image/cpu-area.js";
export type { Generation, Layout } from "./image/detect.js";
export type { Geometry } from "./image/geometry.js";
export { type Image, subbufBytes, subbufOffset } from "./image/image.js";
export { RECORD_KIND_NAMES, RecordCursor, RecordKind } from "./image/records.js";
export type { Scratch, ScratchModule } from "./image/scratch.js";
export type { Span, StructRead } from "./image/structs.js";
export type { SubbufHeader, SubbufReader, SubbufScan } from "./image/subbuf.js";
export { openSource } from "./input/open.js";
export { MemorySource, type Source } from "./input/source.js";
export { kernelBehaviour } from "./kernel/versions.js";
export { type GetReaderStep, getReader } from "./user/get-reader.js";
export { Mapping } from "./user/mapping.js";
export { type State, stateAfterBoot, stateAsIs } from "./user/state.js";
export { type MapAnswer, type MapRequest, type MemoryKind, whoMayMap } from "./user/who-may-map.js";
