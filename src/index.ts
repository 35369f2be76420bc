/**
 * rbtool as a library: the core that the command line uses.
 *
 * ```ts
 * import { check, openImage, readingOf } from "rbtool";
 *
 * const image = await openImage("dump.bin");
 * for (const { cpu, unread } of readingOf(image).cpus) console.log(cpu.cpu, unread.length);
 * const { keepsEverything } = check(image, {}, { kernels: ["7.3.4"], all: false });
 * ```
 *
 * Events are read through `openTrace()`; what is wanted is plain data:
 *
 * ```ts
 * import { buildContext, openImage, openTrace, stats, writingKernel } from "rbtool";
 *
 * const image = await openImage("dump.bin");
 * const writer = writingKernel(buildContext({ formats: [] }, image.layout.abi));
 * const trace = openTrace(image, writer, { cpus: [0], last: "2s" });
 * for (const event of trace.events())
 *   console.log(event.exactTime(), event.cpu, trace.names.at(event.pid, event.position), trace.text.name(event.type));
 * console.log(trace.coverage.common, stats(trace).rate);
 * ```
 *
 * `eventsText()` and `eventsJson()` give what `events` prints (docs/library.md).
 *
 * Exports stand in the order of the rooms, from the ground up. The commands use the same core, but import it from
 * where it is and not from here: code splitting would put all that stands here into what every command loads, and
 * `inspect` would load the kernel's code.
 */

/** Opens an image: a path, bytes, or any Source. */
export { openImage } from "./image/open.js";

// The ground: bytes, errors, findings, exit status.

export type { Abi } from "./ground/abi.js";
/** Bytes with their place in the image and the writer's byte order and word size; reads check their bounds. */
export { Bytes } from "./ground/bytes.js";
/** What is odd about an image, collected while it is read; codes are a closed list (docs/diagnostics.md). */
export {
  DIAGNOSTIC_CODES,
  type Diagnostic,
  type DiagnosticCode,
  Diagnostics,
  type Findings,
  type Severity,
} from "./ground/diagnostics.js";
/** What is thrown: DecodeError by reads, the others where nothing can be said at all. */
export { type DecodeCode, DecodeError, InputError, NotAnImageError, UsageError } from "./ground/errors.js";
/** What the process ends with. */
export { ExitStatus } from "./ground/exit-status.js";

// Where bytes come from.

export { openSource } from "./input/open.js";
export { MemorySource, type Source } from "./input/source.js";

// What the writer left.

export type { CpuArea, SubbufRef } from "./image/cpu-area.js";
/** Where the file ends before the area does. */
export type { Cut } from "./image/cut.js";
export type { ImageOptions } from "./image/detect/detect.js";
export type { Layout } from "./image/detect/layout-kinds.js";
/** A sub-buffer's bytes and place, by CPU and physical index. */
export { type Image, subbufBytes, subbufOffset } from "./image/image.js";
export type { Scratch, ScratchModule } from "./image/scratch.js";
/** A sub-buffer's parts: header, records, damage, what was never committed; every byte belongs to one. */
export { type Anatomy, dissectSubbuf, type Part, type PartKind } from "./reading/anatomy.js";
/** What can be believed of an image: which sub-buffers, in which order, by which evidence. */
export type { CpuReading } from "./reading/cpu-reading.js";
export type { Evidence, Repair, SubbufState } from "./reading/evidence.js";
export { type Reading, readingOf } from "./reading/reading.js";
export type { SubbufReading } from "./reading/subbuf-reading.js";
/** Counts what a CPU's reading believes. */
export { type CpuSummary, kernelOrder, rolesOf, type SubbufRole, summaryOf } from "./reading/summary.js";
export type { Geometry } from "./ring/geometry.js";
/** Walks the records of a sub-buffer, one after another, without allocating. */
export { RECORD_KIND_NAMES, RecordCursor, RecordKind } from "./ring/records.js";
export type { Span, StructRead } from "./ring/structs.js";
export type { SubbufHeader, SubbufReader, SubbufScan } from "./ring/subbuf.js";

// What a kernel does with it.

/** What one area has and another has not, by field. */
export { type Change, changesOf } from "./compare/changes.js";
/** A boot of a kernel on an image, beside what can be read in it: what is kept, and what is lost. */
export {
  type CpuOutcome,
  kernelsFor,
  type Outcome,
  outcomeOf,
  type ReadablePage,
  type Survey,
  survey,
} from "./compare/outcome.js";
/** A boot on these bytes: what it prints, keeps, changes, and where it fails. */
export {
  type BootConditions,
  type BootCpu,
  type BootFault,
  type BootResult,
  boot,
  type Verdict,
} from "./kernel/boot.js";
/** The boot that an image and a version imply, with what a person wishes otherwise: the one that all commands simulate. */
export { type BootPlan, type BootWishes, planBoot } from "./kernel/boot-plan.js";
/** Thrown where the kernel itself would crash or walk forever. */
export { KernelFault } from "./kernel/fault.js";
export type { BootCode, BootFinding } from "./kernel/finding.js";
/** How a release behaves, from one table of changes; every release known. */
export {
  type Kernel,
  kernelBehaviour,
  NEWEST_KNOWN,
  OLDEST_KNOWN,
} from "./kernel/versions/kernel.js";
/** The best image that can be made of a damaged one. */
export {
  type Salvage,
  type SalvagedCpu,
  type SalvagedPage,
  type SalvageOptions,
  salvage,
} from "./reading/salvage/salvage.js";
export { VERSION_TABLES } from "./report/version-tables.js";

// What a mapping program sees.

/** Two images of one area: what changed, in the kernel's terms. */
export { compareImages, type ImageComparison } from "./compare/images.js";
/** The kernel's order beside the order of ids. */
export { type ViewPage, type Views, views } from "./compare/views.js";
export { type UsualKernel, usualKernel } from "./kernel/usual-kernel.js";
export {
  guessMemory,
  MEMORY_KINDS,
  type MemoryGuess,
  type MemoryKind,
  type MemorySigns,
} from "./machine/memory-kind.js";
/** TRACE_MMAP_IOCTL_GET_READER on a mapping: changes the state as the kernel would. */
export { type GetReaderStep, getReader } from "./user/get-reader.js";
/** The sub-buffers at their places in a mapping. */
export { type LayoutPage, layoutPages } from "./user/layout.js";
/** A mapping of one CPU's buffer: the user meta page and the sub-buffers, as bytes. */
export { Mapping } from "./user/mapping.js";
/** The buffers that a program would map. */
export { type CpuState, type State, stateAfterBoot, stateAsIs } from "./user/state.js";
/** GET_READER again and again, with the events that each call gives. */
export { runSteps, type Step, type StepEvent } from "./user/steps.js";
/** Whether mmap() succeeds, by kernel and kind of memory. */
export {
  ERRNO,
  type Errno,
  type MapAnswer,
  type MapRequest,
  mappingTable,
  PROT,
  USUAL_REQUEST,
  whoMayMap,
} from "./user/who-may-map.js";

// The events.

/** What follows from the events. */
export type { Coverage, CpuCoverage } from "./derive/coverage.js";
/** How event formats fit an image's records. */
export { type Fit, formatsFit } from "./derive/fit.js";
/** Of a kernel's own package, image or modules, what they know of the boot that wrote an image. */
export { writingBootOf } from "./derive/writing-boot.js";
export type { TraceEvent } from "./events/event.js";
export type { NameSpan, TaskNames } from "./events/names.js";
export type { ChoiceSpec } from "./events/select/spec.js";
export type { EventStream } from "./events/stream.js";
/** Events as JSON, one document or a line each. */
export { eventsJson, type JsonOptions } from "./export/ndjson/stream.js";
/** Events as text, as the kernel's `trace` file or otherwise. */
export { eventsText, type TextLook } from "./export/text/stream.js";
/** Files of a running kernel by the paths that `--system` and the other options take. */
export type { ModuleChoice, SystemFiles } from "./system/collector.js";
/** What was collected of the writing kernel: parsed from bytes, or loaded from the paths that the commands take. */
export { buildContext, type ContextFiles, type TraceContext } from "./system/context.js";
export {
  type ChosenKernel,
  chooseKernel,
  type KernelChoice,
  WrongKernelError,
} from "./system/kernel-image/chosen-kernel.js";
export { type ContextSources, gatherSystem, loadContextFiles } from "./system/load.js";
export { type WritingKernel, writingKernel } from "./system/writing-kernel.js";
export type { ReadingKernel } from "./text/reading-kernel.js";
/** The front door for events: an image, the kernel that wrote it, and what is wanted. */
export { openTrace } from "./trace/open.js";
export type { TraceSpec } from "./trace/spec.js";
export type { Trace } from "./trace/trace.js";

// The reports: what each command prints with --json (schemas/*.json).

export { type CheckChoice, type CheckReport, check } from "./report/check.js";
export { diffImages, type ImageDiffReport } from "./report/diff-images.js";
export { type DiffChoice, type DiffReport, diffViews } from "./report/diff-views.js";
export { type InspectOptions, type InspectReport, inspect } from "./report/inspect.js";
export { type LastReport, last } from "./report/last.js";
export { type LatencyReport, latency } from "./report/latency.js";
/** Also gives the mappings as they are after the last step. */
export { type MmapLayoutChoice, type MmapLayoutReport, mmapLayout } from "./report/mmap-layout.js";
/** `findPage(image, "0:3")` finds the sub-buffer, `page()` reports it. */
export { findPage, type PageReport, page } from "./report/page.js";
/** Also give the bytes to write. */
export { type RecoverReport, recoverImage, type SalvageReport, salvageImage } from "./report/recover.js";
export { type StatsReport, stats } from "./report/stats.js";
export { type TimelineReport, timeline } from "./report/timeline.js";
export type { ViewChoice } from "./report/view-choice.js";
export { type WhoReport, whoReport } from "./report/who-may-map.js";
