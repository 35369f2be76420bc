import type { TraceEvent } from "./event.js";
import { type Lesson, type Lessons, nameOf, tells, UNKNOWN } from "./lessons.js";
import type { EventStream, Hearer } from "./stream.js";

/** Changes of names that are kept; a hostile image has one in every event. */
const MAX_CHANGES = 1 << 18;

/** What a task is called, from one event of the trace to before another (TraceEvent.position). */
export interface NameSpan {
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

/**
 * What tasks are called, by pid and place in the trace: trace_find_cmdline() (kernel/trace/trace_sched_switch.c), and
 * what it cannot know.
 */
export interface TaskNames {
  at(pid: number, position: number): string;
  /** The same, and for how long it holds. */
  span(pid: number, position: number): NameSpan;
  /** What each was called in the end, in the order in which they are named first. */
  last(): Iterable<readonly [pid: number, name: string]>;
}

/** A fixed table (saved_cmdlines), or none at all: the kernel after the reboot. */
export class FixedNames implements TaskNames {
  private readonly spans = new Map<number, NameSpan>();

  constructor(saved: ReadonlyMap<number, string> = new Map()) {
    for (const [pid, name] of saved) this.spans.set(pid, new Span(name));
  }

  at(pid: number, position: number): string {
    return this.span(pid, position).name;
  }

  span(pid: number, _position: number): NameSpan {
    if (pid > 0) return this.spans.get(pid) ?? NOBODY;
    return pid === 0 ? IDLE : NEGATIVE;
  }

  *last(): Generator<readonly [number, string]> {
    for (const [pid, { name }] of this.spans) if (pid > 0) yield [pid, name];
  }
}

/** One shape for all: each line of the text asks for these. */
class Span implements NameSpan {
  constructor(
    public name: string,
    readonly from = 0,
    public until = Number.POSITIVE_INFINITY,
  ) {}
}

/** What the kernel says of a pid that it has no name for. */
const NOBODY = new Span(UNKNOWN);
const IDLE = new Span("<idle>");
const NEGATIVE = new Span("<XXX>");

/** An event says what a task is called. Plain data, so that one thread can tell another. */
export interface NameChange {
  readonly pid: number;
  readonly name: string;
  /** The place of the event. */
  readonly at: number;
  /** It holds from the next event on. */
  readonly later: boolean;
}

/** More events than there are. */
const ALL = Number.MAX_SAFE_INTEGER;

/** One task's names, one after another. */
interface Task {
  readonly spans: Span[];
  /** Where the last question was answered. */
  at: number;
}

/**
 * Names learnt from the events themselves: a task has the name that the last event said, or, before any did, the first
 * name that one will say; failing that, the one in saved_cmdlines. They are learnt from the streams that go over all events
 * anyway, which are told of here (hear()). A walk of its own goes on where more is asked for: a later place, or a task
 * that none has named so far.
 */
export class LearntNames implements TaskNames {
  private learner = new Learner();
  private readonly saved: FixedNames;
  /** How many events have been heard: the first of the trace. */
  private heard = 0;
  private walk: EventStream | undefined;

  /** @param events a stream of all events */
  constructor(
    private readonly lessons: Lessons,
    private readonly events: () => EventStream,
    saved?: ReadonlyMap<number, string>,
  ) {
    this.saved = new FixedNames(saved);
  }

  /** Whoever goes over all events says each here, before anybody asks for a name at its place. */
  hear(event: TraceEvent): void {
    if (event.position !== this.heard) return;
    this.heard++;
    const told = this.lessons.of(event.type);
    if (told !== undefined) this.learner.learn(told, event);
  }

  at(pid: number, position: number): string {
    return this.span(pid, position).name;
  }

  /** Where it ends changes as long as that place has not been heard: a span tells it to whoever keeps it. */
  span(pid: number, position: number): NameSpan {
    while (position >= this.heard) if (!this.hearMore()) break;
    const task = pid > 0 ? this.taskOf(pid) : undefined;
    if (task === undefined) return this.saved.span(pid, position);
    const { spans } = task;
    const last = spans[task.at]!;
    if (position >= last.from && position < last.until) return last;
    let low = 0;
    let high = spans.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (spans[middle]!.from <= position) low = middle;
      else high = middle - 1;
    }
    task.at = low;
    return spans[low]!;
  }

  /** Hears all events. */
  *last(): Generator<readonly [number, string]> {
    while (this.hearMore());
    const { tasks } = this.learner;
    for (const told of this.saved.last()) if (!tasks.has(told[0])) yield told;
    for (const [pid, { spans }] of tasks) {
      const last = spans.findLast(({ name }) => name !== UNKNOWN);
      if (last !== undefined) yield [pid, last.name];
    }
  }

  private taskOf(pid: number): Task | undefined {
    const { tasks } = this.learner;
    let task = tasks.get(pid);
    while (task === undefined && this.hearMore()) task = tasks.get(pid);
    return task;
  }

  /** Hears an event more, by a walk of its own; false where all have been heard. */
  private hearMore(): boolean {
    const { heard } = this;
    if (heard === ALL) return false;
    this.walk ??= this.events();
    while (this.heard === heard) {
      const event = this.walk.next();
      if (event === undefined) this.heard = ALL;
      else this.hear(event);
    }
    return this.heard !== ALL;
  }

  /** Whether all has been learnt. */
  get known(): boolean {
    return this.heard === ALL;
  }

  /** Is to hear a part of the trace. The changes of all parts, one part after another, are those of the trace (adopt()). */
  partHearer(): PartHearer {
    return new PartHearer(this.lessons);
  }

  /** Learns from what the parts of the trace say. */
  adopt(changes: Iterable<NameChange>): void {
    const learner = new Learner();
    for (const change of changes) learner.hear(change);
    this.learner = learner;
    this.heard = ALL;
  }
}

/** What a part of the trace says of names that is new within it. */
export class PartHearer implements Hearer {
  private readonly noted: NameChange[] = [];
  private readonly learner = new Learner(this.noted);

  constructor(private readonly lessons: Lessons) {}

  hear(event: TraceEvent): void {
    const told = this.lessons.of(event.type);
    if (told !== undefined) this.learner.learn(told, event);
  }

  get changes(): readonly NameChange[] | "too many" {
    return this.noted.length < MAX_CHANGES ? this.noted : "too many";
  }
}

/** Learns what tasks are called, from events in their order. */
class Learner {
  readonly tasks = new Map<number, Task>();
  private changes = 0;

  /** @param noted gets what was new */
  constructor(private readonly noted?: NameChange[]) {}

  learn(lessons: readonly Lesson[], event: TraceEvent): void {
    for (const lesson of lessons) {
      const pid = lesson.pid(event);
      if (typeof pid !== "number" || pid <= 0) continue;
      const known = this.tasks.get(pid)?.spans.at(-1)?.name;
      if (known !== undefined && tells(lesson, event, known)) continue;
      const name = nameOf(lesson, event);
      if (name === known) continue;
      this.hear({ pid, name, at: event.position, later: lesson.when === "later" });
    }
  }

  hear(told: NameChange): void {
    const { pid, name, at, later } = told;
    let task = this.tasks.get(pid);
    if (task === undefined) {
      if (this.changes++ >= MAX_CHANGES) return;
      // A name that begins with this event says nothing of the time before.
      task = { spans: [new Span(later ? UNKNOWN : name)], at: 0 };
      this.tasks.set(pid, task);
    }
    this.change(task, name, at + (later ? 1 : 0));
    if (this.noted !== undefined && this.noted.length < MAX_CHANGES) this.noted.push(told);
  }

  private change({ spans }: Task, name: string, from: number): void {
    const last = spans.at(-1)!;
    if (last.name === name) return;
    if (last.from === from) last.name = name;
    else if (this.changes++ < MAX_CHANGES) {
      last.until = from;
      spans.push(new Span(name, from));
    }
  }
}
