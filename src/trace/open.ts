import { formatsFit } from "../derive/fit.js";
import { tornPlaces } from "../derive/torn-places.js";
import { unknownStretches } from "../derive/unknown.js";
import { TimeColumn } from "../events/clock.js";
import { CutStream } from "../events/cut-stream.js";
import { wallOffset } from "../events/select/wall.js";
import { CpuTimes } from "../events/slices.js";
import type { EventStream } from "../events/stream.js";
import { WriterDoubts } from "../events/writer-doubts.js";
import type { Image } from "../image/image.js";
import { traceFileBehaviourOf } from "../kernel/versions/printing.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { LatencyColumn } from "../text/latency.js";
import { symbolText } from "../text/symbols.js";
import { cpusUp } from "./after-boot.js";
import { type Choosing, choosingOf } from "./choosing.js";
import { believedEvents, marksOf, tracePages } from "./pages.js";
import { printingOf } from "./printing.js";
import type { TraceSpec } from "./spec.js";
import { type Opening, type Streams, streamsOf } from "./streams.js";
import type { Trace } from "./trace.js";

/** The front door: every command that shows or counts events opens its image with this. */
export function openTrace(image: Image, writer: WritingKernel, spec: TraceSpec = {}): Trace {
  const { abi } = image.layout;
  const { asKernel } = spec;
  const notes: string[] = [];
  const rules = traceFileBehaviourOf(asKernel?.release ?? writer.release, image.layout);
  const pages = tracePages(image, spec, notes);
  const { inNs, origin } = pages;
  const latency = new LatencyColumn(rules.lazyResched);
  const time = new TimeColumn(origin, inNs, {
    nanoseconds: spec.nanoseconds === true,
    wall: wallOffset(spec.wall, inNs),
    ...(asKernel ? { secondBits: abi.longSize * 8 } : {}),
  });
  const writerDoubts = new WriterDoubts(writer, abi);
  const doubts = writerDoubts.ofAnyNumber || writerDoubts.ofAnyValue ? writerDoubts : undefined;
  // What a kernel prints has no marks.
  const uncertain = asKernel === undefined ? doubts : undefined;
  const opening = { image, writer, spec, rules, pages, uncertain };
  const streams = streamsOf(opening, notes);
  const { names, stream } = streams;
  const printing = printingOf({ ...opening, names, time, latency, doubts, everyEvent: () => stream() }, notes);
  const { text, symbols, inferred, marked } = printing;
  const choosing = choosingOf({ image, writer, spec, pages, names, printing, stream }, notes);
  return {
    spec,
    image,
    writer,
    rules,
    uncertain,
    littleEndian: abi.littleEndian,
    inNs,
    origin,
    latency,
    time,
    names,
    lastNames: streams.lastNames,
    text,
    kinds: {
      littleEndian: abi.littleEndian,
      formats: writer.formats,
      builtin: (type) => text.builtin(type),
      layout: (type) => text.fixedLayout(type),
    },
    ...eventsOf(opening, streams, choosing),
    ...knownOf(opening),
    notes,
    inferred,
    marked,
    symbol: (address) => symbolText(symbols.lookup, address),
  };
}

/** The events that are wanted, and how many there are. */
function eventsOf(
  { spec, pages }: Opening,
  { iters, stream }: Streams,
  choosing: Choosing,
): Pick<Trace, "window" | "events" | "everyEvent" | "cut" | "chooses" | "subbufs" | "entries"> {
  const { booted, asBelieved, origin, sound } = pages;
  const { chooses, window } = choosing;
  return {
    window,
    events: () => stream(choosing.placed()),
    everyEvent: () => stream(),
    cut: () => {
      if (sound === undefined || choosing.remembers) return undefined;
      const times = sound.map(({ subbufs }) => CpuTimes.of(subbufs, origin.value));
      return times.every((cpu) => cpu !== undefined) ? new CutStream(times, iters(), choosing.test) : undefined;
    },
    chooses,
    subbufs: chooses || spec.gaps === true ? undefined : sound,
    entries: () =>
      booted?.ring.reduce((sum, buffer) => sum + buffer.numOfEntries(), 0) ??
      (asBelieved ? believedEvents(pages) : countEvents(stream())),
  };
}

/** What is known of the trace beside its events. */
function knownOf({
  image,
  writer,
  spec: { asKernel, consumed = false },
  pages,
  uncertain,
}: Opening): Pick<Trace, "coverage" | "unknown" | "fit" | "torn" | "marks" | "onlineCpus" | "release" | "booted"> {
  const { booted, readings, coverage } = pages;
  return {
    coverage,
    unknown: () => new Map(readings.map((cpu) => [cpu.cpu.cpu, unknownStretches(cpu, consumed)])),
    fit: () => formatsFit(image, writer),
    torn: tornPlaces(readings),
    marks: () => ({ ...marksOf(pages), order: uncertain?.ofAnyNumber === true }),
    onlineCpus: cpusUp(image, asKernel?.onlineCpus, booted),
    release: fullRelease(asKernel?.release, writer.release),
    booted,
  };
}

function countEvents(events: EventStream): number {
  let count = 0;
  while (events.next() !== undefined) count++;
  return count;
}

/** A release is whole where the writing kernel's own names the same version. */
function fullRelease(reader: string | undefined, writer: string | undefined): string | undefined {
  return writer !== undefined && reader !== undefined && writer.startsWith(reader) ? writer : (reader ?? writer);
}
