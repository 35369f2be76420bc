import { formatsFit } from "../derive/fit.js";
import { tornPlaces } from "../derive/torn-places.js";
import { unknownStretches } from "../derive/unknown.js";
import { TimeColumn } from "../events/clock.js";
import { CutStream } from "../events/cut-stream.js";
import { LastNames } from "../events/last-names.js";
import { forcesAlignment } from "../events/length-words.js";
import { Lessons } from "../events/lessons.js";
import { FixedNames, LearntNames } from "../events/names.js";
import { READ_ALL, type ReadPolicy, RingIter } from "../events/ring-iter.js";
import type { EventTest } from "../events/select/test.js";
import { wallOffset } from "../events/select/wall.js";
import { CpuTimes } from "../events/slices.js";
import { EventStream } from "../events/stream.js";
import { WriterDoubts } from "../events/writer-doubts.js";
import type { Image } from "../image/image.js";
import { traceFileBehaviourOf } from "../kernel/versions/printing.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { LatencyColumn } from "../text/latency.js";
import { symbolText } from "../text/symbols.js";
import { cpusUp, kernelPolicy } from "./after-boot.js";
import { choosingOf } from "./choosing.js";
import { believedEvents, marksOf, tracePages } from "./pages.js";
import { printingOf } from "./printing.js";
import type { TraceSpec } from "./spec.js";
import type { Trace } from "./trace.js";

/** The front door: every command that shows or counts events opens its image with this. */
export function openTrace(image: Image, writer: WritingKernel, spec: TraceSpec = {}): Trace {
  const { abi } = image.layout;
  const { asKernel } = spec;
  const consumed = spec.consumed === true;
  const notes: string[] = [];
  const rules = traceFileBehaviourOf(asKernel?.release ?? writer.release, image.layout);
  const pages = tracePages(image, spec, notes);
  const { booted, inNs, readings, coverage, asBelieved, origin } = pages;
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
  let forced: boolean | undefined;
  const policy: ReadPolicy = {
    littleEndian: abi.littleEndian,
    origin,
    uncertain,
    forcedAlignment: () => {
      forced ??= forcesAlignment(pages.sources);
      return forced;
    },
    ...(asKernel === undefined ? READ_ALL : kernelPolicy(rules, image, notes)),
  };
  const iters = (): RingIter[] => pages.sources.map((source) => new RingIter(source.fork(), policy));
  const taught = namesTaught(image, writer, spec);
  const learnt: LearntNames | undefined = taught.lessons.some
    ? new LearntNames(taught.lessons, () => stream(), taught.saved)
    : undefined;
  const stream = (test?: EventTest): EventStream => new EventStream(iters(), test, undefined, learnt);
  const names = learnt ?? new FixedNames(taught.saved);
  const printing = printingOf(
    { image, writer, spec, rules, pages, names, time, latency, doubts, everyEvent: () => stream() },
    notes,
  );
  const { text, symbols, addresses } = printing;
  const choosing = choosingOf({ image, writer, spec, pages, names, printing, stream }, notes);
  const { chooses, window } = choosing;
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
    addresses,
    names,
    lastNames: () => new LastNames(taught.lessons, taught.saved),
    text,
    kinds: {
      littleEndian: abi.littleEndian,
      formats: writer.formats,
      builtin: (type) => text.builtin(type),
      layout: (type) => text.fixedLayout(type),
    },
    window,
    events: () => stream(choosing.placed()),
    everyEvent: () => stream(),
    cut: () => {
      if (pages.sound === undefined || choosing.remembers) return undefined;
      const times = pages.sound.map(({ subbufs }) => CpuTimes.of(subbufs, origin.value));
      return times.every((cpu) => cpu !== undefined) ? new CutStream(times, iters(), choosing.test) : undefined;
    },
    chooses,
    subbufs: chooses || spec.gaps === true ? undefined : pages.sound,
    entries: () =>
      booted?.ring.reduce((sum, buffer) => sum + buffer.numOfEntries(), 0) ??
      (asBelieved ? believedEvents(pages) : countEvents(stream())),
    coverage,
    unknown: () => new Map(readings.map((cpu) => [cpu.cpu.cpu, unknownStretches(cpu, consumed)])),
    fit: () => formatsFit(image, writer),
    torn: tornPlaces(readings),
    marks: () => ({ ...marksOf(pages), order: uncertain?.ofAnyNumber === true }),
    onlineCpus: cpusUp(image, asKernel?.onlineCpus, booted),
    release: fullRelease(asKernel?.release, writer.release),
    booted,
    notes,
    inferred: printing.inferred,
    marked: printing.marked,
    symbol: (address) => symbolText(symbols.lookup, address),
  };
}

/** What names of tasks are told by. */
function namesTaught(
  { layout }: Image,
  { cmdlines, formats }: WritingKernel,
  { asKernel, names = "both" }: TraceSpec,
): { readonly lessons: Lessons; readonly saved: ReadonlyMap<number, string> | undefined } {
  const from = asKernel ? "none" : names;
  return {
    lessons: new Lessons(from === "both" || from === "events" ? formats : new Map(), layout.abi.littleEndian),
    saved: from === "both" || from === "saved" ? cmdlines : undefined,
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
