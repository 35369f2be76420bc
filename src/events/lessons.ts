// Which events tell what tasks are called, and how.

import type { EventFormat } from "../system/formats/parse-format.js";
import { type FieldGetter, fieldGetter, type RecordBytes } from "./field-access.js";

/** The most that a name holds (TASK_COMM_LEN without its NUL). */
const COMM_LENGTH = 15;
export const UNKNOWN = "<...>";

/** Two fields of an event that tell a task's name. */
export interface Lesson {
  readonly pid: FieldGetter;
  readonly name: FieldGetter;
  /** Where the name lies in the event's data, if its field is an array that holds nothing but a name. */
  readonly comm: number | undefined;
  /** now: from this event on; later: from the next; before: until this event. */
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

const NOT_LOOKED: readonly Lesson[] = [];

/** By type: what an event tells of names. Of thousands of formats few are met: one is looked into when its first event comes. */
export class Lessons {
  private readonly byType: (readonly Lesson[] | undefined)[] = [];

  constructor(
    private readonly formats: ReadonlyMap<number, EventFormat>,
    private readonly littleEndian: boolean,
  ) {
    for (const { system, id } of formats.values()) {
      if (!SYSTEMS.has(system)) continue;
      while (this.byType.length <= id) this.byType.push(undefined);
      this.byType[id] = NOT_LOOKED;
    }
  }

  /** Whether there may be any. */
  get some(): boolean {
    return this.byType.length > 0;
  }

  of(type: number): readonly Lesson[] | undefined {
    const lessons = this.byType[type];
    return lessons === NOT_LOOKED ? this.lookInto(type) : lessons;
  }

  /** All types that tell names. */
  types(): number[] {
    return [...this.byType.keys()].filter((type) => this.of(type) !== undefined);
  }

  private lookInto(type: number): readonly Lesson[] | undefined {
    const lessons = lessonsOf(this.formats.get(type)!, this.littleEndian);
    this.byType[type] = lessons.length > 0 ? lessons : undefined;
    return this.byType[type];
  }
}

function lessonsOf({ name: event, fields }: EventFormat, littleEndian: boolean): readonly Lesson[] {
  const lessons: Lesson[] = [];
  for (const [pid, name, when] of PAIRS) {
    const pidField = fields.find((field) => field.name === pid && field.shape === "int");
    const nameField = fields.find((field) => field.name === name && field.isString);
    if (!pidField || !nameField || (name === "filename" && event !== "sched_process_exec")) continue;
    lessons.push({
      pid: fieldGetter(pidField, littleEndian),
      name: fieldGetter(nameField, littleEndian),
      comm: nameField.shape === "array" && nameField.size === COMM_LENGTH + 1 ? nameField.offset : undefined,
      when,
      path: name === "filename",
    });
  }
  return lessons;
}

export function nameOf(lesson: Lesson, event: RecordBytes): string {
  const name = lesson.name(event);
  if (typeof name !== "string") return UNKNOWN;
  return (lesson.path ? name.slice(name.lastIndexOf("/") + 1) : name).slice(0, COMM_LENGTH);
}

/**
 * Whether an event tells this name, in a field that is nothing but a name. Nearly every event says what is known already: no text
 * is made of that.
 */
export function tells({ comm }: Lesson, { view, data, dataSize }: RecordBytes, name: string): boolean {
  if (comm === undefined || comm + COMM_LENGTH > dataSize) return false;
  const from = data + comm;
  for (let i = 0; i < COMM_LENGTH; i++) {
    const byte = view.getUint8(from + i);
    if (i === name.length) return byte === 0;
    if (name.charCodeAt(i) !== byte) return false;
  }
  return true;
}
