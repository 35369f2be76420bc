import type { Span, Track, TrackKind } from "../../derive/spans.js";
import type { SpanNames } from "./names.js";

/** What stands on tracks of each kind, in the order that they are shown. */
const TRACK_KINDS: Readonly<Record<TrackKind, string>> = {
  cpu: "tasks",
  interrupts: "interrupts",
  task: "system calls and work",
  functions: "functions",
};

const ORDER = Object.keys(TRACK_KINDS) as TrackKind[];

/** What a format keeps of each track. */
export class Tracks<T> {
  private readonly kept = new Map<Track, T>();

  /** @param make of the first span on the track, which has just begun */
  constructor(
    private readonly names: SpanNames,
    private readonly make: (span: Span) => T,
  ) {}

  /** Of the track that a span begins on. */
  begin(span: Span): T {
    let kept = this.kept.get(span.track);
    if (kept === undefined) {
      kept = this.make(span);
      this.kept.set(span.track, kept);
    }
    return kept;
  }

  /** Of a track that a span ends on. */
  of(track: Track): T {
    return this.kept.get(track)!;
  }

  /** All of them with their titles: CPUs first, then tasks; each by number. */
  titled(): { readonly title: string; readonly kept: T }[] {
    return [...this.kept]
      .sort(([a], [b]) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.id - b.id)
      .map(([track, kept]) => ({ title: `${this.names.track(track)}: ${TRACK_KINDS[track.kind]}`, kept }));
  }
}
