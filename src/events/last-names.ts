import type { RecordBytes } from "./field-access.js";
import { type Lesson, type Lessons, nameOf, tells, UNKNOWN } from "./lessons.js";
import type { EventStream } from "./stream.js";

/** What a task was called in the end. */
export interface NamedTask {
  readonly pid: number;
  readonly name: string;
  /** It had another name before. */
  readonly renamed: boolean;
}

/** Tasks that are told apart; a hostile image has one in every event. */
const MAX_TASKS = 1 << 18;

/**
 * What tasks were called in the end, learnt from events that need not come in the order of their times: each CPU's may be
 * walked by itself.
 */
export class LastNames {
  private readonly tasksById = new Map<number, Task>();

  constructor(
    readonly lessons: Lessons,
    private readonly saved: ReadonlyMap<number, string> = new Map(),
  ) {}

  /** From all events of a trace. */
  learnFrom(events: EventStream): this {
    for (let event = events.next(); event !== undefined; event = events.next()) {
      const told = this.lessons.of(event.type);
      if (told !== undefined) this.learn(told, event, event.position);
    }
    return this;
  }

  /** @param at grows with time; of the same, what is told last counts */
  learn(lessons: readonly Lesson[], event: RecordBytes, at: number): void {
    for (const lesson of lessons) {
      const pid = lesson.pid(event);
      if (typeof pid !== "number" || pid <= 0) continue;
      const task = this.tasksById.get(pid);
      if (task !== undefined && tells(lesson, event, task.name)) {
        if (at > task.at) task.at = at;
        continue;
      }
      const name = nameOf(lesson, event);
      if (name === UNKNOWN) continue;
      if (task !== undefined) task.hear(name, at);
      else if (this.tasksById.size < MAX_TASKS) this.tasksById.set(pid, new Task(name, at));
    }
  }

  *tasks(): Generator<NamedTask> {
    for (const [pid, name] of this.saved) if (pid > 0 && !this.tasksById.has(pid)) yield { pid, name, renamed: false };
    for (const [pid, { name, renamed }] of this.tasksById) yield { pid, name, renamed };
  }
}

class Task {
  renamed = false;

  constructor(
    public name: string,
    public at: number,
  ) {}

  hear(name: string, at: number): void {
    if (name !== this.name) this.renamed = true;
    if (at < this.at) return;
    this.at = at;
    this.name = name;
  }
}
