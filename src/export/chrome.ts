import type { EndOfSpan, Span, Track, TrackKind } from "../derive/spans.js";
import { doubtsOf, type TraceEvent, timeBounds } from "../events/event.js";
import { TextSink } from "../print/text-sink.js";
import type { Trace } from "../trace/trace.js";
import { kindName } from "./kind-name.js";
import { FieldsJson } from "./ndjson/fields-json.js";
import { jsonText } from "./ndjson/strings.js";
import { OWN_UNITS, Shortfalls } from "./shortfalls.js";
import type { Exported, Sink } from "./sink.js";
import type { SpanNames } from "./spans/names.js";
import { type SpanVisitor, SpanWalk } from "./spans/walk.js";
import { WholeTimes } from "./whole-time.js";

const CHUNK = 128 * 1024;
const SPARE = 32 * 1024;

/** Chrome's JSON (Trace Event Format): spans as beginnings and ends, which always pair; all other events as instants. */
export async function writeChrome(trace: Trace, sink: Sink): Promise<Exported> {
  const out = new TextSink(CHUNK + SPARE);
  writeHead(out);
  const walk = new SpanWalk(trace, (names) => new ChromeWriter(trace, names, out));
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    walk.tell(event);
    if (out.at >= CHUNK) await sink.write(out.take(), events.given);
  }
  walk.finish();
  out.text("\n]}\n");
  await sink.write(out.take(), events.given);
  const shortfalls = new Shortfalls();
  if (!trace.inNs) shortfalls.add(OWN_UNITS, events.given);
  return { events: events.given, shortfalls: shortfalls.list() };
}

/** Groups of tracks, which the format calls processes. */
const GROUPS: Readonly<Record<TrackKind, { readonly pid: number; readonly name: string }>> = {
  cpu: { pid: 1, name: "CPUs" },
  interrupts: { pid: 2, name: "interrupts" },
  task: { pid: 3, name: "system calls and work" },
  functions: { pid: 4, name: "functions" },
};
const END = { lost: "not seen: events are lost", end: "open at the end of the trace" } as const;
/** Beyond every pid (PID_MAX_LIMIT is 2^22): the idle tasks' tracks. */
const IDLE = 2 ** 23;

function writeHead(out: TextSink): void {
  out.text('{"displayTimeUnit":"ns","traceEvents":[');
  const groups = Object.values(GROUPS).flatMap(({ pid, name }) => [
    `{"ph":"M","pid":${pid},"tid":0,"name":"process_name","args":{"name":"${name}"}}`,
    `{"ph":"M","pid":${pid},"tid":0,"name":"process_sort_index","args":{"sort_index":${pid}}}`,
  ]);
  out.text(`\n${groups.join(",\n")}`);
}

class ChromeWriter implements SpanVisitor {
  private readonly fields: FieldsJson;
  private readonly times: WholeTimes;
  private readonly known = new Set<Track>();
  /** CPUs that have a name. */
  private readonly named = new Set<number>();

  constructor(
    private readonly trace: Trace,
    private readonly names: SpanNames,
    private readonly out: TextSink,
  ) {
    this.fields = new FieldsJson(trace, true);
    this.times = new WholeTimes(trace);
  }

  began(span: Span): void {
    const { track, event, from } = span;
    const { names, out } = this;
    this.introduce(track);
    out.text(`,\n{"ph":"B",${this.place(track)},"ts":${microseconds(this.times.at(from))},"name":`);
    out.text(jsonText(names.of(span)));
    out.text(`,"cat":"${track.kind}","args":{`);
    // A task's first event on a CPU says nothing of how it came there.
    if (track.kind === "cpu" && kindName(this.trace, event.type).name !== "sched_switch")
      out.text('"begin":"not seen"');
    else this.args(event);
    out.text("}}");
  }

  ended({ track }: Span, until: number, how: EndOfSpan, by?: TraceEvent): void {
    const { out } = this;
    out.text(`,\n{"ph":"E",${this.place(track)},"ts":${microseconds(this.times.at(until))}`);
    if (how !== "over") out.text(`,"args":{"end":"${END[how]}"}`);
    else if (
      by !== undefined &&
      track.kind !== "cpu" &&
      /(exit|end)$|sys_exit_/.test(kindName(this.trace, by.type).name)
    ) {
      out.text(',"args":{"exit":{');
      this.fields.of(by.type).fields(by, out);
      out.text("}}");
    }
    out.text("}");
  }

  event(event: TraceEvent, shown: boolean): void {
    if (event.lost !== 0) this.instant(event, event.lost < 0 ? "events lost" : `events lost: ${event.lost}`, "lost");
    if (shown) return;
    const { system, name } = kindName(this.trace, event.type);
    this.instant(event, name === "" ? `type ${event.type}` : name, system);
  }

  private instant(event: TraceEvent, name: string, system: string): void {
    const { out } = this;
    if (!this.named.has(event.cpu)) this.name(event.cpu);
    out.text(
      `,\n{"ph":"i","s":"t","pid":${GROUPS.cpu.pid},"tid":${event.cpu},"ts":${microseconds(this.times.of(event))},"name":`,
    );
    out.text(`${jsonText(name)},"cat":${jsonText(system)},"args":{`);
    if (system !== "lost") this.args(event);
    out.text("}}");
  }

  private args(event: TraceEvent): void {
    const { out } = this;
    out.text(`"pid":${event.pid},"fields":{`);
    this.fields.of(event.type).fields(event, out);
    out.text("}");
    const bounds = timeBounds(event);
    if (bounds !== undefined) out.text(`,"timeBounds":["${bounds.low}","${bounds.high}"]`);
    const doubt = doubtsOf(event);
    if (doubt !== undefined) out.text(`,"doubt":${JSON.stringify(doubt)}`);
  }

  private introduce(track: Track): void {
    if (track.kind === "cpu") {
      if (!this.named.has(track.id)) this.name(track.id);
      return;
    }
    if (this.known.has(track)) return;
    this.known.add(track);
    this.meta(this.place(track), this.names.track(track));
  }

  private name(cpu: number): void {
    this.named.add(cpu);
    this.meta(`"pid":${GROUPS.cpu.pid},"tid":${cpu}`, `CPU ${cpu}`);
  }

  private meta(place: string, name: string): void {
    this.out.text(`,\n{"ph":"M",${place},"name":"thread_name","args":{"name":${jsonText(name)}}}`);
  }

  private place({ kind, id }: Track): string {
    return `"pid":${GROUPS[kind].pid},"tid":${id < 0 ? IDLE - 1 - id : id}`;
  }
}

function microseconds(time: number | bigint): string {
  const ns = Number(typeof time === "number" ? time % 1000 : time % 1000n);
  const whole = typeof time === "number" ? (time - ns) / 1000 : time / 1000n;
  return `${whole}.${String(ns).padStart(3, "0")}`;
}
