import type { EventFormat } from "../system/formats/parse-format.js";
import { type FieldGetter, fieldGetter } from "./field-access.js";
import type { RingIter } from "./ring-iter.js";

/** The most that a name holds (TASK_COMM_LEN without its NUL). */
const COMM_LENGTH = 15;
const UNKNOWN = "<...>";

/** Names of tasks by pid, as the text shows them. */
export interface Comms {
  /** The name of a task now: trace_find_cmdline() (kernel/trace/trace_sched_switch.c) and what it cannot know. */
  comm(pid: number): string;
  /** Changes whenever any name does. */
  readonly generation: number;
  /** Called with every event, in order, before it is printed. */
  observe(event: RingIter, type: number): void;
  /** Called with every event after it was printed. */
  settle(event: RingIter, type: number): void;
}

/** What the kernel says of a pid that it has no name for. */
export function unknownComm(pid: number): string {
  if (pid === 0) return "<idle>";
  return pid < 0 ? "<XXX>" : UNKNOWN;
}

/** A fixed table (saved_cmdlines), or none at all: the kernel after the reboot. */
export class FixedComms implements Comms {
  readonly generation = 0;

  constructor(private readonly saved: ReadonlyMap<number, string> = new Map()) {}

  comm(pid: number): string {
    return pid > 0 ? (this.saved.get(pid) ?? UNKNOWN) : unknownComm(pid);
  }

  observe(): void {}
  settle(): void {}
}

interface Lesson {
  /** Reads a pid and the name that it has when the event happens. */
  readonly pid: FieldGetter;
  readonly name: FieldGetter;
  /** now: it has this name. later: from this event on. before: until this event. */
  readonly when: "now" | "later" | "before";
  /** The name is a path: its last part. */
  readonly path: boolean;
}

const PAIRS: readonly (readonly [pid: string, name: string, when: Lesson["when"]])[] = [
  ["pid", "comm", "now"],
  ["prev_pid", "prev_comm", "now"],
  ["next_pid", "next_comm", "now"],
  ["parent_pid", "parent_comm", "now"],
  ["child_pid", "child_comm", "now"],
  ["pid", "oldcomm", "before"],
  ["pid", "newcomm", "later"],
  ["pid", "filename", "later"],
];
/** Systems whose events name tasks by pid and comm. */
const SYSTEMS = new Set(["sched", "task", "signal", "oom"]);

/**
 * Names learnt from the events themselves, as time goes on: a task has the name that the last event said, or, before
 * any did, the first name that one will say; failing that, the one in saved_cmdlines.
 */
export class LearntComms implements Comms {
  generation = 0;
  /** By type. */
  private readonly lessons: (readonly Lesson[] | undefined)[] = [];
  private readonly first = new Map<number, { readonly time: number; readonly name: string }>();
  private readonly now = new Map<number, string>();

  constructor(
    formats: Iterable<EventFormat>,
    littleEndian: boolean,
    private readonly saved: ReadonlyMap<number, string> = new Map(),
  ) {
    for (const format of formats) {
      if (!SYSTEMS.has(format.system)) continue;
      const lessons: Lesson[] = [];
      for (const [pid, name, when] of PAIRS) {
        const pidField = format.fields.find((field) => field.name === pid && field.shape === "int");
        const nameField = format.fields.find((field) => field.name === name && field.isString);
        if (!pidField || !nameField || (name === "filename" && format.name !== "sched_process_exec")) continue;
        lessons.push({
          pid: fieldGetter(pidField, littleEndian),
          name: fieldGetter(nameField, littleEndian),
          when,
          path: name === "filename",
        });
      }
      if (lessons.length === 0) continue;
      while (this.lessons.length <= format.id) this.lessons.push(undefined);
      this.lessons[format.id] = lessons;
    }
  }

  get teachers(): boolean {
    return this.lessons.length > 0;
  }

  /**
   * Goes over the events of one CPU after the other: what each task was called when it was first named. Merged, a CPU's
   * event comes no earlier than those before it on its CPU, and of equal times the first CPU's comes first.
   * @returns how many events there are
   */
  preview(iters: readonly RingIter[]): number {
    let count = 0;
    for (const iter of iters) {
      let time = Number.NEGATIVE_INFINITY;
      for (; iter.peek(); iter.advance()) {
        count++;
        if (iter.t > time) time = iter.t;
        const lessons = this.lessons[iter.type];
        if (lessons !== undefined) this.foresee(lessons, iter, time);
      }
    }
    return count;
  }

  private foresee(lessons: readonly Lesson[], event: RingIter, time: number): void {
    for (const lesson of lessons) {
      const pid = lesson.pid(event);
      if (typeof pid !== "number" || pid <= 0) continue;
      const there = this.first.get(pid);
      if (there !== undefined && there.time <= time) continue;
      // A name that begins with this event says nothing of the time before.
      this.first.set(pid, { time, name: lesson.when === "later" ? UNKNOWN : nameOf(lesson, event) });
    }
  }

  comm(pid: number): string {
    if (pid <= 0) return unknownComm(pid);
    return this.now.get(pid) ?? this.first.get(pid)?.name ?? this.saved.get(pid) ?? UNKNOWN;
  }

  observe(event: RingIter, type: number): void {
    const lessons = this.lessons[type];
    if (lessons !== undefined) this.learn(lessons, event, false);
  }

  settle(event: RingIter, type: number): void {
    const lessons = this.lessons[type];
    if (lessons !== undefined) this.learn(lessons, event, true);
  }

  private learn(lessons: readonly Lesson[], event: RingIter, after: boolean): void {
    for (const lesson of lessons) {
      if ((lesson.when === "later") !== after) continue;
      const pid = lesson.pid(event);
      if (typeof pid !== "number" || pid <= 0) continue;
      const name = nameOf(lesson, event);
      if (this.now.get(pid) === name) continue;
      const shown = this.comm(pid);
      this.now.set(pid, name);
      if (shown !== name) this.generation++;
    }
  }
}

function nameOf(lesson: Lesson, event: RingIter): string {
  const name = lesson.name(event);
  if (typeof name !== "string") return UNKNOWN;
  return (lesson.path ? name.slice(name.lastIndexOf("/") + 1) : name).slice(0, COMM_LENGTH);
}
