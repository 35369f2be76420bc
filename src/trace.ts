import { type Coverage, coverageOf } from "./derive/coverage.js";
import { type Fit, formatsFit } from "./derive/fit.js";
import type { EventKinds } from "./derive/kinds.js";
import { type TornPlace, tornPlaces } from "./derive/torn-places.js";
import { unknownStretches } from "./derive/unknown.js";
import { type Origin, origin, TimeColumn } from "./events/clock.js";
import { CutStream } from "./events/cut-stream.js";
import { imagePages, type PagesSpec } from "./events/image-pages.js";
import { KernelCopies } from "./events/kernel-copy.js";
import { isEmpty, kernelPages } from "./events/kernel-pages.js";
import { LastNames } from "./events/last-names.js";
import { Lessons } from "./events/lessons.js";
import { FixedNames, LearntNames, type TaskNames } from "./events/names.js";
import type { EventPages } from "./events/page.js";
import { READ_ALL, type ReadPolicy, RingIter } from "./events/ring-iter.js";
import { bothTests, eventTest } from "./events/select/choice.js";
import { checkEventNames, checkFilterFields, checkTasks } from "./events/select/known.js";
import { type PlaceSpec, placeTest } from "./events/select/places.js";
import { type ChoiceSpec, choiceOf, pointInTime } from "./events/select/spec.js";
import type { EventTest } from "./events/select/test.js";
import { wallOffset } from "./events/select/wall.js";
import { CpuTimes } from "./events/slices.js";
import { EventStream } from "./events/stream.js";
import { WriterDoubts } from "./events/writer-doubts.js";
import { Bytes } from "./ground/bytes.js";
import { Diagnostics } from "./ground/diagnostics.js";
import { DecodeError } from "./ground/errors.js";
import type { Image } from "./image/image.js";
import { clockCountsNanoseconds, readScratch, type Scratch } from "./image/scratch.js";
import type { BootResult } from "./kernel/boot.js";
import { planBoot } from "./kernel/boot-plan.js";
import { kernelBehaviour } from "./kernel/versions/kernel.js";
import { type TraceFileBehaviour, traceFileBehaviourOf } from "./kernel/versions/printing.js";
import { type CompiledEvent, compileFormat } from "./print/compile.js";
import { type PrintEnv, symbolWriter } from "./print/env.js";
import { InferredShown } from "./print/inferred-shown.js";
import { makeEnv } from "./print/make-env.js";
import type { CpuReading } from "./reading/cpu-reading.js";
import { readingOf } from "./reading/reading.js";
import type { SubbufReading } from "./reading/subbuf-reading.js";
import { TRACE_SCRATCH } from "./ring/structs.js";
import type { TimeSpan } from "./ring/time-span.js";
import type { WritingKernel } from "./system/writing-kernel.js";
import { AddressText } from "./text/addresses.js";
import { EventText } from "./text/event-text.js";
import { bprintfPrinter, fieldsPrinter, formatPrinter, keepsFormat } from "./text/format-printers.js";
import type { GraphOptions } from "./text/graph.js";
import type { LineMarks } from "./text/header.js";
import { LatencyColumn } from "./text/latency.js";
import type { ReadingKernel } from "./text/reading-kernel.js";
import { safeStrings } from "./text/safe-strings.js";
import {
  functionRange,
  irqText,
  movedText,
  type Symbols,
  symbolsFor,
  symbolText,
  writersText,
} from "./text/symbols.js";
import { TRACE_OPTION_DEFAULTS, type TraceOptions } from "./text/trace-options.js";

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** What is wanted of a trace. Plain data: a worker thread can be given it, and a report can hold it. */
export interface TraceSpec extends ChoiceSpec, PlaceSpec, PagesSpec {
  /** As this kernel prints the recovered instance; undefined shows all that the image holds. */
  readonly asKernel?: ReadingKernel | undefined;
  readonly cpus?: readonly number[] | undefined;
  readonly graph?: GraphOptions | undefined;
  /** A time of the trace and the date that it was then, `14.247246=2026-11-25T10:00:00Z`: times are dates. */
  readonly wall?: string | undefined;
  /** Nine digits of seconds in place of six. */
  readonly nanoseconds?: boolean | undefined;
  /** The instance's options. */
  readonly traceOptions?: TraceOptions | undefined;
  /** Where names of tasks come from; both without this. */
  readonly names?: "saved" | "events" | "both" | "none" | undefined;
}

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
  readonly addresses: AddressText;
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

/** The front door: every command that shows or counts events opens its image with this. */
export function openTrace(image: Image, writer: WritingKernel, options: TraceSpec = {}): Trace {
  const { abi } = image.layout;
  const { asKernel, traceOptions = TRACE_OPTION_DEFAULTS } = options;
  const notes: string[] = [];
  const rules = traceFileBehaviourOf(asKernel?.release ?? writer.release, image.layout);
  const booted = asKernel && bootFor(image, asKernel, notes);
  const scratch = booted ? scratchAfter(image, booted) : image.scratch;
  const inNs = clockCountsNanoseconds(clockOf(scratch, booted));
  const readings = readingOf(image).cpus.filter(({ cpu }) => isChosen(options, cpu.cpu));
  const coverage = coverageOf(readings, options.consumed === true);
  const asBelieved = booted === undefined && options.strict !== true;
  const sources = booted ? bootedPages(booted, options) : imagePages(image, readings, options);
  const start = origin(booted ? 0n : originOf(coverage, sources));
  const latency = new LatencyColumn(rules.lazyResched);
  const time = new TimeColumn(start, inNs, options.nanoseconds === true, wallOffset(options.wall, inNs));
  const wrote = writersText(image, writer.kallsyms, scratch, booted);
  const moved = asKernel ? movedText(wrote, asKernel, notes) : undefined;
  const symbols = symbolsFor(writer, { wrote, moved }, scratch, {
    rules,
    pageSize: image.layout.geometry.subbufSize,
  });
  const addresses = new AddressText(symbols.printed, symbols.move, {
    ...traceOptions,
    digits: abi.longSize * 2,
  });
  const doubts = new WriterDoubts(writer, abi);
  const inDoubt = doubts.ofAnyNumber || doubts.ofAnyValue ? doubts : undefined;
  // What a kernel prints has no marks.
  const uncertain = asKernel === undefined ? inDoubt : undefined;
  const policy: ReadPolicy = {
    littleEndian: abi.littleEndian,
    origin: start,
    uncertain,
    ...(asKernel === undefined ? READ_ALL : { ...kernelPolicy(rules, image), endless: endlessNotes(notes) }),
  };
  const iters = (): RingIter[] => sources.map((pages) => new RingIter(pages.fork(), policy));
  const taught = namesTaught(image, writer, options);
  const learnt: LearntNames | undefined = taught.lessons.some
    ? new LearntNames(taught.lessons, () => stream(), taught.saved)
    : undefined;
  const stream = (test?: EventTest): EventStream => new EventStream(iters(), test, undefined, learnt);
  const names = learnt ?? new FixedNames(taught.saved);
  const shown = new InferredShown(inDoubt);
  const env = shown.counted(printEnv(image, writer, symbols, options));
  const compiledEvents: CompiledEvent[] = [];
  const copies = asKernel && new KernelCopies(sources);
  const byFields = traceOptions.fields || moved !== undefined;
  const text: EventText = new EventText({
    abi,
    rules,
    addresses,
    time,
    latency,
    names,
    string: (address) => env.string(Number(address >> 32n), Number(address & 0xffffffffn)),
    bprintf: bprintfPrinter(image.layout.abi, writer.release ?? asKernel?.release, env),
    ipOffset: (hi, lo) => env.symbol(hi, lo, "S"),
    formats: writer.formats,
    types: writer.types,
    printer: (format) => {
      const release = asKernel?.release ?? writer.release;
      const compiled = compileFormat(format, {
        abi,
        types: writer.types,
        ...(release === undefined ? {} : { release }),
      });
      compiledEvents.push(compiled);
      const fields = byFields && !keepsFormat(format, rules, traceOptions, text.lastType);
      return fields ? fieldsPrinter(compiled, env) : formatPrinter(compiled, env, notes, copies);
    },
    asKernel: asKernel !== undefined,
    options: traceOptions,
    graph: options.graph,
    nrCpus: image.layout.nrCpus,
    irqText: () => irqText(writer.kallsyms),
  });
  const symbolOf = (address: bigint): string | undefined => symbolText(symbols.lookup, address);
  const lastTime = (): number | undefined => {
    const last = coverage.span && Number(coverage.span.last - start.value);
    return asBelieved ? last : lastTimeOf(stream(), last);
  };
  const choice = choiceOf(options, { inNs, origin: start, lastTime });
  const { last } = options;
  // A bare number is seconds, which asks for all of most traces: it may have been meant as a number of events.
  if (last !== undefined && /^\d+$/.test(last) && inNs && coverage.span && isWhole(BigInt(last), coverage.span))
    notes.push(`${last} means ${last} seconds, and the whole trace is shorter: write 200ms, 5m or 1h`);
  const known = { formats: writer.formats, builtin: text.builtinNames };
  if (choice.events !== undefined) checkEventNames(choice.events, known);
  if (choice.filter !== undefined) checkFilterFields(choice.filter, choice.events, known);
  if (choice.pids !== undefined || choice.comms !== undefined) notes.push(...checkTasks(choice, stream(), names));
  const test = eventTest(choice, {
    littleEndian: abi.littleEndian,
    longSize: abi.longSize,
    formats: writer.formats,
    names,
    name: (type) => text.builtin(type),
    graphCall: (event, type) => text.graphCall(event, type, symbolOf),
    functionRange: (name) => functionRange(writer.kallsyms, name, symbols),
  });
  let places: EventTest | undefined | "unasked" = "unasked";
  const placed = (): EventTest | undefined => {
    if (places === "unasked")
      places = placeTest(options, {
        all: () => stream(),
        wanted: () => stream(test),
        time: (at) => pointInTime("around", at, { inNs, origin: start, lastTime }),
      });
    return bothTests(test, places);
  };
  const chooses = test !== undefined || options.around !== undefined || options.perCpu !== undefined;
  const sound = asBelieved ? soundSubbufs(readings, options) : undefined;
  const cut = (): CutStream | undefined => {
    if (sound === undefined || remembers(options)) return undefined;
    const times = sound.map(({ subbufs }) => CpuTimes.of(subbufs, start.value));
    return times.every((cpu) => cpu !== undefined) ? new CutStream(times, iters(), test) : undefined;
  };
  return {
    spec: options,
    image,
    writer,
    rules,
    uncertain,
    littleEndian: abi.littleEndian,
    inNs,
    origin: start,
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
    window: { since: choice.since, until: choice.until },
    events: () => stream(placed()),
    everyEvent: () => stream(),
    cut,
    chooses,
    subbufs: chooses || options.gaps === true ? undefined : sound,
    entries: () =>
      booted?.ring.reduce((sum, buffer) => sum + buffer.numOfEntries(), 0) ??
      (asBelieved ? believedEvents(readings, options.consumed === true) : countEvents(stream())),
    coverage,
    unknown: () => new Map(readings.map((cpu) => [cpu.cpu.cpu, unknownStretches(cpu, options.consumed === true)])),
    fit: () => formatsFit(image, writer),
    torn: tornPlaces(readings),
    marks: () => ({
      ...(asBelieved ? marksOf(readings, options.consumed === true) : NO_MARKS),
      order: uncertain?.ofAnyNumber === true,
    }),
    onlineCpus: asKernel?.onlineCpus ?? image.layout.nrCpus,
    release: fullRelease(asKernel?.release, writer.release),
    booted,
    notes,
    inferred: () => shown.count,
    marked: () => compiledEvents.reduce((sum, { marked }) => sum + marked, 0),
    symbol: symbolOf,
  };
}

/** rb_iter_peek(): three steps, or as many as there are pages. */
function kernelPolicy({ maxSteps, pageLost }: TraceFileBehaviour, { layout }: Image) {
  return { maxSteps: maxSteps === "pages" ? layout.geometry.nrSubbufs - 1 : 3, pageLost, firstLost: false };
}

/** Tells once of each CPU that the kernel does not come to the end of. */
function endlessNotes(notes: string[]): (cpu: number, offset: number) => void {
  const told = new Set<number>();
  return (cpu, offset) => {
    if (told.has(cpu)) return;
    told.add(cpu);
    const place = `the sub-buffer at 0x${offset.toString(16)}`;
    notes.push(`CPU ${cpu}: this kernel prints ${place} again and again, without an end; here it is printed once`);
  };
}

/** A release is whole where the writing kernel's own names the same version. */
function fullRelease(reader: string | undefined, writer: string | undefined): string | undefined {
  return writer !== undefined && reader !== undefined && writer.startsWith(reader) ? writer : (reader ?? writer);
}

function bootFor(image: Image, reader: ReadingKernel, notes: string[]): BootResult {
  const kernel = kernelBehaviour(reader.release);
  const result = planBoot(image, reader.boot).boot(kernel);
  if (kernel.beyondKnown)
    notes.push(`kernel ${reader.release} is newer than any known here: simulated as ${kernel.row.source}`);
  if (result.fault) notes.push(`this kernel crashes on the image: ${result.fault.message}`);
  for (const fact of result.uncertain) notes.push(fact);
  return result;
}

const isWhole = (seconds: bigint, { first, last }: { readonly first: bigint; readonly last: bigint }): boolean =>
  seconds * 1_000_000_000n >= last - first;

/** Whether a choice of events looks at those before. */
function remembers({ follow, depth, functions, around, perCpu }: TraceSpec): boolean {
  return [follow, depth, functions, around, perCpu].some((each) => each !== undefined);
}

function isChosen({ cpus }: TraceSpec, cpu: number): boolean {
  return cpus?.includes(cpu) ?? true;
}

function bootedPages(booted: BootResult, spec: TraceSpec): EventPages[] {
  return booted.ring
    .filter(({ cpu }) => isChosen(spec, cpu))
    .filter((buffer) => !isEmpty(buffer, booted.kernel.reading))
    .map(kernelPages);
}

function believedEvents(readings: readonly CpuReading[], consumed: boolean): number {
  const events = (subbufs: readonly SubbufReading[]) => subbufs.reduce((sum, { records }) => sum + records.events, 0);
  return readings.reduce(
    (sum, { unread, consumed: taken }) => sum + events(unread) + (consumed ? events(taken) : 0),
    0,
  );
}

function countEvents(events: EventStream): number {
  let count = 0;
  while (events.next() !== undefined) count++;
  return count;
}

/** The last time that is no later than what is believed. */
function lastTimeOf(events: EventStream, believed = Number.POSITIVE_INFINITY): number | undefined {
  let last: number | undefined;
  for (let event = events.next(); event !== undefined; event = events.next())
    if (event.t <= believed && (last === undefined || event.t > last)) last = event.t;
  return last;
}

const NO_MARKS = { estimates: false, doubts: false };

function marksOf(readings: readonly CpuReading[], withConsumed: boolean): Omit<LineMarks, "order"> {
  const subbufs = readings.flatMap(({ consumed, unread }) => (withConsumed ? [...consumed, ...unread] : unread));
  return {
    estimates: subbufs.some(({ timeExact }) => !timeExact),
    doubts: subbufs.some((subbuf) => !subbuf.inOnePiece && subbuf.stretches.some(({ doubts }) => doubts.length > 0)),
  };
}

/** A time near the events', so that differences from it are exact numbers. */
function originOf({ span }: Coverage, sources: readonly EventPages[]): bigint {
  if (span !== undefined) return span.first > MAX_EXACT ? span.first : 0n;
  for (const pages of sources) {
    if (pages.count === 0) continue;
    const { timeHi, timeLo } = pages.page(0);
    // Times below 2^53 are exact from 0 on, and print without a detour.
    if (timeHi >= 0x200000) return (BigInt(timeHi) << 32n) | BigInt(timeLo);
  }
  return 0n;
}

/** The scratch area as the boot left it: a boot that believes nothing has zeroed it. */
function scratchAfter(image: Image, booted: BootResult): Scratch | undefined {
  const { scratch } = image;
  if (scratch === undefined) return undefined;
  const { offset, length } = scratch.span;
  try {
    return readScratch(
      new Bytes(booted.after.read(offset, length), image.layout.abi, offset),
      image.layout.scratch ?? TRACE_SCRATCH,
      new Diagnostics(),
    );
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** The clock that times are printed by: a kernel that does not put the writer's back has its own, local. */
function clockOf(scratch: Scratch | undefined, booted: BootResult | undefined): number {
  if (booted && !booted.kernel.behaviour.restoresClock) return 0;
  return scratch?.clockId ?? 0;
}

function printEnv(image: Image, writer: WritingKernel, symbols: Symbols, spec: TraceSpec): PrintEnv {
  const { kallsyms, printkFormats, kernelText, hz } = writer;
  const { asKernel, traceOptions: options = TRACE_OPTION_DEFAULTS } = spec;
  const usual = makeEnv({
    abi: image.layout.abi,
    symbols: kallsyms,
    printkFormats,
    kernelText,
    hz,
    pointers: asKernel !== undefined && options.hashPtr ? "as-kernel" : "real",
    bitmaskList: options.bitmaskList,
  });
  return {
    ...usual,
    symbol: symbols.render,
    writeSymbol: symbolWriter(symbols.render),
    symAddr: options.symAddr,
    ...(asKernel !== undefined ? { safeString: safeStrings(kallsyms, usual.string) } : {}),
    global: (name) => (name === "_stext" ? symbols.stext() : undefined),
    ...(symbols.adjust ? { adjust: symbols.adjust } : {}),
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

function soundSubbufs(readings: readonly CpuReading[], { consumed }: TraceSpec): CpuSubbufs[] | undefined {
  const cpus = readings.map(({ cpu: { cpu }, unread, consumed: taken }) => ({
    cpu,
    subbufs: consumed ? [...taken, ...unread] : unread,
  }));
  const sound = ({ inOnePiece, timeExact }: SubbufReading): boolean => inOnePiece && timeExact;
  return cpus.every(({ subbufs }) => subbufs.every(sound)) ? cpus : undefined;
}
