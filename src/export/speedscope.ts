import type { Span } from "../derive/spans.js";
import type { TraceEvent } from "../events/event.js";
import type { Trace } from "../trace/trace.js";
import { jsonText } from "./ndjson/strings.js";
import { Scraps } from "./scraps.js";
import { NO_SPAN, Shortfalls } from "./shortfalls.js";
import type { Exported, Sink } from "./sink.js";
import { NameLists } from "./spans/name-lists.js";
import type { SpanNames } from "./spans/names.js";
import { EventStacks, STACKS, type StackKind } from "./spans/stacks.js";
import { Tracks } from "./spans/tracks.js";
import { type SpanVisitor, walkSpans } from "./spans/walk.js";

/** speedscope's own format: a profile of beginnings and ends for each track, one of samples for each kind of stack. */
export async function writeSpeedscope(trace: Trace, sink: Sink): Promise<Exported> {
  const profiles = await walkSpans(trace, sink, (names) => new Profiles(trace, names));
  for (const piece of profiles.file()) await sink.write(piece, profiles.events);
  return { events: profiles.events, shortfalls: profiles.shortfalls.list() };
}

const SCHEMA = "https://www.speedscope.app/file-format-schema.json";

/** What is open on a track, and the text of its beginnings and ends. */
interface TrackProfile {
  readonly scrap: number;
  readonly from: number;
  until: number;
  /** Frames. */
  readonly open: number[];
  /** Between this and what comes next. */
  comma: "" | ",";
}

interface StackProfile {
  readonly samples: number;
  readonly weights: number;
  count: number;
}

class Profiles implements SpanVisitor {
  events = 0;
  readonly shortfalls = new Shortfalls();
  private readonly scraps = new Scraps();
  private readonly lists = new NameLists(this.scraps, (name) => `{"name":${jsonText(name)}}`);
  private readonly frames = this.lists.begin();
  private readonly tracks: Tracks<TrackProfile>;
  private readonly samples = new Map<StackKind, StackProfile>();
  private readonly stacks: EventStacks;

  constructor(
    private readonly trace: Trace,
    private readonly names: SpanNames,
  ) {
    this.stacks = new EventStacks(trace);
    this.tracks = new Tracks(names, ({ from }) => {
      const at = Math.round(from);
      return { scrap: this.scraps.begin(), from: at, until: at, open: [], comma: "" };
    });
  }

  began(span: Span): void {
    const profile = this.tracks.begin(span);
    const frame = this.frame(this.names.of(span));
    profile.open.push(frame);
    this.scraps.add(profile.scrap, `${profile.comma}{"type":"O","frame":${frame},"at":${Math.round(span.from)}}`);
    profile.comma = ",";
  }

  ended({ track }: Span, until: number): void {
    const profile = this.tracks.of(track);
    profile.until = Math.round(until);
    this.scraps.add(profile.scrap, `,{"type":"C","frame":${profile.open.pop()},"at":${profile.until}}`);
  }

  event(event: TraceEvent, shown: boolean): void {
    const kind = this.stacks.kind(event);
    if (shown || kind !== undefined) {
      this.events++;
      this.shortfalls.unmarked(event);
    } else this.shortfalls.add(NO_SPAN);
    if (kind !== undefined) this.sample(kind, this.stacks.frames(event));
  }

  private sample(kind: StackKind, frames: readonly string[]): void {
    let profile = this.samples.get(kind);
    if (profile === undefined) {
      profile = { samples: this.scraps.begin(), weights: this.scraps.begin(), count: 0 };
      this.samples.set(kind, profile);
    }
    const comma = profile.count++ === 0 ? "" : ",";
    this.scraps.add(profile.samples, `${comma}[${frames.map((frame) => this.frame(frame)).join(",")}]`);
    this.scraps.add(profile.weights, `${comma}1`);
  }

  private frame(name: string): number {
    return this.lists.number(this.frames, name);
  }

  *file(): Generator<Buffer> {
    const { trace, scraps } = this;
    const text = (latin1: string): Buffer => Buffer.from(latin1, "latin1");
    const unit = trace.inNs ? "nanoseconds" : "none";
    yield text(`{"$schema":"${SCHEMA}","exporter":"rbtool","profiles":[`);
    let comma = "\n";
    for (const { title, kept } of this.tracks.titled()) {
      const { scrap, from, until } = kept;
      const name = jsonText(title);
      yield text(`${comma}{"type":"evented","name":${name},"unit":"${unit}","startValue":${from},"endValue":${until},`);
      yield text('"events":[');
      yield* scraps.read(scrap);
      yield text("]}");
      comma = ",\n";
    }
    for (const [kind, { samples, weights, count }] of this.samples) {
      yield text(
        `${comma}{"type":"sampled","name":"${STACKS[kind]}","unit":"none","startValue":0,"endValue":${count},`,
      );
      yield text('"samples":[');
      yield* scraps.read(samples);
      yield text('],"weights":[');
      yield* scraps.read(weights);
      yield text("]}");
      comma = ",\n";
    }
    yield text('],\n"shared":{"frames":[');
    yield* this.lists.read(this.frames);
    scraps.close();
    yield text("]}}\n");
  }
}
