import type { EndOfSpan, Span } from "../derive/spans.js";
import { doubtsOf, type TraceEvent, timeBounds } from "../events/event.js";
import { encodeLatin1 } from "../ground/latin1.js";
import type { Trace } from "../trace/trace.js";
import { kindName } from "./kind-name.js";
import { jsonText } from "./ndjson/strings.js";
import { Scraps } from "./scraps.js";
import { OWN_UNITS, Shortfalls } from "./shortfalls.js";
import type { Exported, Sink } from "./sink.js";
import { type NameList, NameLists } from "./spans/name-lists.js";
import type { SpanNames } from "./spans/names.js";
import { Tracks } from "./spans/tracks.js";
import { type SpanVisitor, walkSpans } from "./spans/walk.js";
import { Texts } from "./text/texts.js";

/** A processed profile of the Firefox Profiler: a thread a track, what lasted as intervals, all other events as instants. */
export async function writeFirefox(trace: Trace, sink: Sink): Promise<Exported> {
  const threads = await walkSpans(trace, sink, (names) => new Threads(trace, names));
  for (const piece of threads.file()) await sink.write(piece, threads.events);
  const shortfalls = new Shortfalls();
  if (!trace.inNs) shortfalls.add(OWN_UNITS, threads.events);
  return { events: threads.events, shortfalls: shortfalls.list() };
}

/** meta.preprocessedProfileVersion; the profiler brings what is older up to date (processed-profile-versioning.ts). */
const VERSION = 50;
const INSTANT = 0;
const INTERVAL = 1;
/** Places in meta.categories. */
const CATEGORIES = [
  { name: "Other", color: "grey" },
  { name: "Tasks", color: "green" },
  { name: "Interrupts", color: "orange" },
  { name: "System calls", color: "blue" },
  { name: "Functions", color: "purple" },
  { name: "Lost", color: "red" },
] as const;
const CATEGORY = { event: 0, cpu: 1, interrupts: 2, task: 3, functions: 4, lost: 5 } as const;
const COLUMNS = ["name", "startTime", "endTime", "phase", "category", "data"] as const;

interface Thread {
  readonly scraps: readonly number[];
  readonly strings: NameList;
  count: number;
  /** What is open: its name and what is told of it. */
  readonly open: { readonly name: string; readonly about: string }[];
}

interface Marker {
  readonly name: string;
  readonly from: number;
  /** Absent for an instant. */
  readonly until?: number;
  readonly category: number;
  readonly about: string;
}

class Threads implements SpanVisitor {
  events = 0;
  private readonly scraps = new Scraps();
  private readonly strings = new NameLists(this.scraps, jsonText);
  private readonly threads: Tracks<Thread>;
  /** By CPU: where instants go. */
  private readonly instants = new Map<number, Thread>();
  private readonly texts: Texts;

  constructor(
    private readonly trace: Trace,
    private readonly names: SpanNames,
  ) {
    this.texts = new Texts(trace);
    this.threads = new Tracks(names, () => this.thread());
  }

  began(span: Span): void {
    const { track, event } = span;
    // A task's first event on a CPU says nothing of how it came there.
    const seen = track.kind !== "cpu" || kindName(this.trace, event.type).name === "sched_switch";
    this.threads
      .begin(span)
      .open.push({ name: this.names.of(span), about: seen ? this.about(event) : "begin not seen" });
  }

  ended({ track, from }: Span, until: number, how: EndOfSpan): void {
    const thread = this.threads.of(track);
    const { name, about } = thread.open.pop()!;
    const end = how === "over" ? "" : how === "lost" ? " (end not seen: events are lost)" : " (open at the end)";
    this.mark(thread, { name, from, until, category: CATEGORY[track.kind], about: about + end });
  }

  event(event: TraceEvent, shown: boolean): void {
    this.events++;
    if (shown && event.lost === 0) return;
    let thread = this.instants.get(event.cpu);
    if (thread === undefined) {
      thread = this.thread();
      this.instants.set(event.cpu, thread);
    }
    const from = event.t;
    if (event.lost !== 0) {
      const about = event.lost < 0 ? "not counted" : String(event.lost);
      this.mark(thread, { name: "events lost", from, category: CATEGORY.lost, about });
    }
    if (shown) return;
    const { name } = kindName(this.trace, event.type);
    const about = this.about(event);
    this.mark(thread, { name: name || `type ${event.type}`, from, category: CATEGORY.event, about });
  }

  /** What the kernel prints, with the marks of torn memory. */
  private about(event: TraceEvent): string {
    const bounds = timeBounds(event);
    const doubt = doubtsOf(event);
    return [
      encodeLatin1(this.texts.body(event)),
      ...(bounds === undefined ? [] : [`time between ${bounds.low} and ${bounds.high}`]),
      ...(doubt === undefined ? [] : [`in doubt: ${doubt.join(", ")}`]),
    ].join("; ");
  }

  private thread(): Thread {
    return { scraps: COLUMNS.map(() => this.scraps.begin()), strings: this.strings.begin(), count: 0, open: [] };
  }

  private mark(thread: Thread, { name, from, until, category, about }: Marker): void {
    const values = [
      this.strings.number(thread.strings, name),
      this.milliseconds(from),
      until === undefined ? "null" : this.milliseconds(until),
      until === undefined ? INSTANT : INTERVAL,
      category,
      `{"type":"Text","name":${jsonText(about)}}`,
    ];
    const comma = thread.count++ === 0 ? "" : ",";
    for (let i = 0; i < values.length; i++) this.scraps.add(thread.scraps[i]!, `${comma}${values[i]}`);
  }

  /** Since the first event that is covered. */
  private milliseconds(t: number): string {
    const { coverage, origin } = this.trace;
    const start = coverage.span === undefined ? 0 : Number(coverage.span.first - origin.value);
    return ((t - start) / 1e6).toFixed(6);
  }

  *file(): Generator<Buffer> {
    const { trace, scraps } = this;
    const meta = {
      interval: 1,
      startTime: 0,
      processType: 0,
      product: "rbtool",
      stackwalk: 0,
      version: 27,
      preprocessedProfileVersion: VERSION,
      categories: CATEGORIES.map((category) => ({ ...category, subcategories: ["Other"] })),
      markerSchema: [
        {
          name: "Text",
          tooltipLabel: "{marker.name}",
          tableLabel: "{marker.data.name}",
          chartLabel: "{marker.name}",
          display: ["marker-chart", "marker-table"],
          data: [{ key: "name", label: "Details", format: "string", searchable: true }],
        },
      ],
      debug: false,
    };
    yield text(`{"meta":${JSON.stringify(meta)},"libs":[],"pages":[],"threads":[`);
    const all = [
      ...[...this.instants].sort(([a], [b]) => a - b).map(([cpu, kept]) => ({ title: `CPU ${cpu}: events`, kept })),
      ...this.threads.titled(),
    ];
    const end =
      trace.coverage.span === undefined
        ? "0"
        : this.milliseconds(Number(trace.coverage.span.last - trace.origin.value));
    let comma = "\n";
    for (const [tid, { title, kept: thread }] of all.entries()) {
      yield text(
        `${comma}{"name":${jsonText(title)},"tid":${tid + 1},${ABOUT_THREAD},"unregisterTime":${end},"markers":{`,
      );
      for (const [i, column] of COLUMNS.entries()) {
        yield text(`"${column}":[`);
        yield* scraps.read(thread.scraps[i]!);
        yield text("],");
      }
      yield text(`"length":${thread.count}},"stringArray":[`);
      yield* this.strings.read(thread.strings);
      yield text("]}");
      comma = ",\n";
    }
    scraps.close();
    yield text("]}\n");
  }
}

const text = (latin1: string): Buffer => Buffer.from(latin1, "latin1");

const table = (...columns: readonly string[]) => ({
  ...Object.fromEntries(columns.map((column) => [column, []])),
  length: 0,
});

/** What the format wants of every thread: nothing was sampled. */
const ABOUT_THREAD = JSON.stringify({
  processType: "default",
  processName: "kernel",
  pid: "1",
  processStartupTime: 0,
  processShutdownTime: null,
  registerTime: 0,
  pausedRanges: [],
  isMainThread: false,
  showMarkersInTimeline: true,
  samples: { weightType: "samples", weight: null, stack: [], time: [], length: 0 },
  stackTable: table("frame", "category", "subcategory", "prefix"),
  frameTable: table(
    "address",
    "inlineDepth",
    "category",
    "subcategory",
    "func",
    "nativeSymbol",
    "innerWindowID",
    "line",
    "column",
  ),
  funcTable: table("isJS", "relevantForJS", "name", "resource", "fileName", "lineNumber", "columnNumber"),
  resourceTable: table("lib", "name", "host", "type"),
  nativeSymbols: table("libIndex", "address", "name", "functionSize"),
}).slice(1, -1);
