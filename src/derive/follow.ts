import type { TraceEvent } from "../events/event.js";
import type { EventStream } from "../events/stream.js";
import type { SyscallNames } from "../system/syscalls/names.js";
import { type EventKind, type EventKinds, kindOf } from "./kinds.js";

export type Watch = (event: TraceEvent) => void;

/** Learns one thing from the events, as they come. What it keeps is bounded, whatever they hold. */
export interface Tracker {
  /** What it does at events of a kind; undefined where they tell it nothing. Asked once a kind. */
  watch?(kind: EventKind): Watch | undefined;
  /** At every event, before what it does at the event's kind. */
  every?(event: TraceEvent): void;
}

/** A trace that is followed: what tells its kinds of events and its system calls. */
export interface FollowedTrace {
  readonly kinds: EventKinds;
  readonly syscalls: SyscallNames;
  /** Since when all CPUs are covered. */
  readonly from: number;
}

/** Tells all trackers of one event after the other; each is told when those before it in the list have been. */
export class Following {
  private readonly byType: (readonly Watch[] | undefined)[] = [];

  constructor(
    private readonly kinds: EventKinds,
    private readonly trackers: readonly Tracker[],
  ) {}

  tell(event: TraceEvent): void {
    const { type } = event;
    let watches = this.byType[type + 1];
    if (watches === undefined) {
      watches = watchesOf(type, this.kinds, this.trackers);
      this.byType[type + 1] = watches;
    }
    for (let i = 0; i < watches.length; i++) watches[i]!(event);
  }
}

/** Walks over the events once, for all trackers. */
export function follow(events: EventStream, kinds: EventKinds, trackers: readonly Tracker[]): void {
  const following = new Following(kinds, trackers);
  for (let event = events.next(); event !== undefined; event = events.next()) following.tell(event);
}

function watchesOf(type: number, kinds: EventKinds, trackers: readonly Tracker[]): Watch[] {
  const kind = kindOf(type, kinds);
  return trackers.flatMap((tracker) => {
    const own = kind && tracker.watch?.(kind);
    return [
      ...(tracker.every === undefined ? [] : [(event: TraceEvent) => tracker.every!(event)]),
      ...(own === undefined ? [] : [own]),
    ];
  });
}
