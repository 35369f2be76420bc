import type { TraceEvent } from "../events/event.js";
import { type FieldPlan, fieldPlans } from "../events/fields.js";
import { KeptEvent } from "../events/kept-event.js";
import { globMatcher } from "../events/select/glob.js";
import { commonNumber } from "../events/select/scope.js";
import type { Tracker, Watch } from "./follow.js";
import type { EventKind } from "./kinds.js";

/** Two kinds of events that belong together, and the fields in which a pair agrees. */
export interface PairSpec {
  /** Names, or system:name, with globs. */
  readonly begin: string;
  readonly end: string;
  /**
   * Fields of both, or one of each, as in `pid=next_pid`; `common_pid` and `cpu` are known too. None: the next end belongs
   * to the last beginning.
   */
  readonly key: readonly string[];
}

export type PairListener = (begin: TraceEvent, end: TraceEvent, key: string) => void;

/** The fields that a part of a key names: the beginning's and the end's. */
export function fieldsOfKey(part: string): { readonly begin: string; readonly end: string } {
  const [begin = part, end = begin] = part.split("=", 2);
  return { begin, end };
}

/** A work item from its queueing to its beginning. Nothing tells of one that is cancelled in between. */
export const QUEUED_WORK: PairSpec = {
  begin: "workqueue:workqueue_queue_work",
  end: "workqueue:workqueue_execute_start",
  key: ["work"],
};

/** Beginnings that wait for their end. */
const MAX_OPEN = 65_536;

type KeyOf = (event: TraceEvent) => string;

/** The time from one event to another. */
export class Pairs implements Tracker {
  private readonly open = new Map<string, KeptEvent>();
  private readonly isBegin: (kind: EventKind) => boolean;
  private readonly isEnd: (kind: EventKind) => boolean;
  /** What could not be found: a kind without a field of the key. */
  readonly lacking = new Set<string>();

  constructor(
    private readonly spec: PairSpec,
    private readonly littleEndian: boolean,
    private readonly ended?: PairListener,
  ) {
    this.isBegin = nameTest(spec.begin);
    this.isEnd = nameTest(spec.end);
  }

  /** The beginnings that have no end. */
  get unended(): readonly KeptEvent[] {
    return [...this.open.values()];
  }

  watch(kind: EventKind): Watch | undefined {
    const begins = this.isBegin(kind) ? this.keyOf(kind, "begin") : undefined;
    const ends = this.isEnd(kind) ? this.keyOf(kind, "end") : undefined;
    if (begins === undefined && ends === undefined) return undefined;
    return (event) => {
      if (ends !== undefined) this.end(ends(event), event);
      if (begins !== undefined) this.begin(begins(event), event);
    };
  }

  private begin(key: string, event: TraceEvent): void {
    const before = this.open.get(key);
    if (before !== undefined) before.take(event);
    else if (this.open.size < MAX_OPEN) this.open.set(key, KeptEvent.of(event));
  }

  private end(key: string, event: TraceEvent): void {
    const begin = this.open.get(key);
    if (begin === undefined) return;
    this.open.delete(key);
    this.ended?.(begin, event, key);
  }

  private keyOf(kind: EventKind, side: "begin" | "end"): KeyOf | undefined {
    const plans = kind.format === undefined ? [] : fieldPlans(kind.format, this.littleEndian);
    const parts: KeyOf[] = [];
    for (const name of this.spec.key.map((part) => fieldsOfKey(part)[side])) {
      const part = keyPart(name, plans);
      if (part === undefined) {
        this.lacking.add(`${kind.name} has no field ${name}`);
        return undefined;
      }
      parts.push(part);
    }
    return (event) => parts.map((part) => part(event)).join(",");
  }
}

function keyPart(name: string, plans: readonly FieldPlan[]): KeyOf | undefined {
  // As in a filter: an event's own field comes first.
  const field = plans.find(({ key }) => key === name) ?? commonNumber(name);
  return field && ((event) => String(field.get(event)));
}

function nameTest(glob: string): (kind: EventKind) => boolean {
  const matches = globMatcher(glob);
  return ({ system, name }) => matches(name) || matches(`${system}:${name}`);
}
