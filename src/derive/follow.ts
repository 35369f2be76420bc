import type { TraceEvent } from "../events/event.js";
import type { EventStream } from "../events/stream.js";
import { type EventKind, type KindFacts, kindOf } from "./kinds.js";

export type Watch = (event: TraceEvent) => void;

/** Learns one thing from the events, as they come. What it keeps is bounded, whatever they hold. */
export interface Tracker {
  /** What it does at events of a kind; undefined where they tell it nothing. Asked once a kind. */
  watch?(kind: EventKind): Watch | undefined;
  /** At every event, before what it does at the event's kind. */
  every?(event: TraceEvent): void;
}

/** Tells all trackers of one event after the other; each is told when those before it in the list have been. */
export class Following {
  private readonly byType: (readonly Watch[] | undefined)[] = [];

  constructor(
    private readonly facts: KindFacts,
    private readonly trackers: readonly Tracker[],
  ) {}

  tell(event: TraceEvent): void {
    const { type } = event;
    let watches = this.byType[type + 1];
    if (watches === undefined) {
      watches = watchesOf(type, this.facts, this.trackers);
      this.byType[type + 1] = watches;
    }
    for (let i = 0; i < watches.length; i++) watches[i]!(event);
  }
}

/** Walks over the events once, for all trackers. */
export function follow(events: EventStream, facts: KindFacts, trackers: readonly Tracker[]): void {
  const following = new Following(facts, trackers);
  for (let event = events.next(); event !== undefined; event = events.next()) following.tell(event);
}

function watchesOf(type: number, facts: KindFacts, trackers: readonly Tracker[]): Watch[] {
  const kind = kindOf(type, facts);
  return trackers.flatMap((tracker) => {
    const own = kind && tracker.watch?.(kind);
    return [
      ...(tracker.every === undefined ? [] : [(event: TraceEvent) => tracker.every!(event)]),
      ...(own === undefined ? [] : [own]),
    ];
  });
}
