import type { Coverage } from "../derive/coverage.js";
import type { Fit } from "../derive/fit.js";
import type { EventKinds } from "../derive/kinds.js";
import type { TornPlace } from "../derive/torn-places.js";
import type { Origin, TimeColumn } from "../events/clock.js";
import type { CutStream } from "../events/cut-stream.js";
import type { LastNames } from "../events/last-names.js";
import type { TaskNames } from "../events/names.js";
import type { EventStream } from "../events/stream.js";
import type { WriterDoubts } from "../events/writer-doubts.js";
import type { Image } from "../image/image.js";
import type { BootResult } from "../kernel/boot.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";
import type { TimeSpan } from "../ring/time-span.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import type { EventText } from "../text/event-text.js";
import type { LineMarks } from "../text/header.js";
import type { LatencyColumn } from "../text/latency.js";
import type { TraceSpec } from "./spec.js";

/** An image, made ready to be read as events. */
export interface Trace {
  /** What was asked for. */
  readonly spec: TraceSpec;
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly rules: TraceFileBehaviour;
  /** What is not certain of the writing kernel, as its events say it; undefined where all is. */
  readonly uncertain: WriterDoubts | undefined;
  readonly littleEndian: boolean;
  readonly inNs: boolean;
  readonly origin: Origin;
  readonly latency: LatencyColumn;
  readonly time: TimeColumn;
  readonly names: TaskNames;
  /** What tasks were called in the end, by saved_cmdlines: its lessons are for who walks over the events. */
  lastNames(): LastNames;
  readonly text: EventText;
  /** What tells the kinds of events apart. */
  readonly kinds: EventKinds;
  /** The times that were asked for, since the origin. */
  readonly window: { readonly since?: number | undefined; readonly until?: number | undefined };
  /** The events that are wanted, from the start. */
  events(): EventStream;
  /** All events, wanted or not. */
  everyEvent(): EventStream;
  /** The same, so that it can be cut into slices; undefined where what is chosen hangs on more than each event. */
  cut(): CutStream | undefined;
  /** Whether some may be left out. */
  readonly chooses: boolean;
  /** By CPU, the sub-buffers that are as the events say: believed, wanted, each in one piece and at its own time. */
  readonly subbufs: readonly CpuSubbufs[] | undefined;
  /** Which marks lines can carry: of times that are estimates, of records in doubt. */
  marks(): LineMarks;
  /** Events that a header tells of: what the kernel counts, or what is believed. */
  entries(): number;
  /** Of the chosen CPUs. */
  readonly coverage: Coverage;
  /** By CPU, of the chosen ones: when it lost events, oldest first. */
  unknown(): ReadonlyMap<number, readonly TimeSpan[]>;
  /** How the event formats fit the image's records. */
  fit(): Fit;
  /** Sub-buffers of the chosen CPUs that hold records which cannot be read. */
  readonly torn: readonly TornPlace[];
  readonly onlineCpus: number;
  /** The release of the kernel that prints, as well as it is known. */
  readonly release: string | undefined;
  /** What the boot did, when one was simulated. */
  readonly booted: BootResult | undefined;
  /** Things to tell on stderr. */
  readonly notes: readonly string[];
  /** How many values of print formats have been shown as markers so far. */
  marked(): number;
  /** How many names and texts that have been printed so far are in memory whose place is inferred. */
  inferred(): number;
  /** name+offset of an address of the kernel or a module. */
  symbol(address: bigint): string | undefined;
}

/** One CPU's sub-buffers, oldest first. */
export interface CpuSubbufs {
  readonly cpu: number;
  readonly subbufs: readonly SubbufReading[];
}
