import type { TraceEvent } from "../events/event.js";
import type { Tracker } from "./follow.js";
import type { Running } from "./tasks/running.js";

/** Events and spans, column by column, for who draws them. Times since the origin. */
export interface EventTable {
  readonly count: number;
  readonly time: Float64Array;
  readonly cpu: Uint16Array;
  /** Places in `types` and `tasks`. */
  readonly type: Uint16Array;
  readonly task: Uint16Array;
  /** Where the record begins in the image. */
  readonly offset: Float64Array;
}

export interface SpanTable {
  readonly count: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly cpu: Uint16Array;
  /** A task, a system call or a kind of interrupt, by number. */
  readonly what: Uint16Array;
}

/** Numbers that a table has room for: what comes later shares the last. */
const MOST_NUMBERS = 65_535;

/** Gives things numbers in the order that they come. */
export class Numbered<T> {
  private readonly numbers = new Map<T, number>();

  of(thing: T): number {
    let number = this.numbers.get(thing);
    if (number === undefined) {
      number = Math.min(this.numbers.size, MOST_NUMBERS);
      if (number < MOST_NUMBERS) this.numbers.set(thing, number);
    }
    return number;
  }

  list(): readonly T[] {
    return [...this.numbers.keys()];
  }
}

/** Collects the events, but for the first so many. */
export class EventColumns implements Tracker {
  private readonly table: { -readonly [K in keyof EventTable]: EventTable[K] };
  readonly types = new Numbered<number>();
  readonly tasks = new Numbered<string>();
  private seen = 0;

  /** @param skip events that are left out; @param most events for which there is room */
  constructor(
    private readonly skip: number,
    most: number,
    private readonly taskName: (event: TraceEvent) => string,
  ) {
    this.table = {
      count: 0,
      time: new Float64Array(most),
      cpu: new Uint16Array(most),
      type: new Uint16Array(most),
      task: new Uint16Array(most),
      offset: new Float64Array(most),
    };
  }

  every(event: TraceEvent): void {
    const { table } = this;
    if (this.seen++ < this.skip || table.count >= table.time.length) return;
    const at = table.count++;
    table.time[at] = event.t;
    table.cpu[at] = event.cpu;
    table.type[at] = this.types.of(event.type);
    table.task[at] = this.tasks.of(this.taskName(event));
    table.offset[at] = event.offset;
  }

  finish(): EventTable {
    const { count, time, cpu, type, task, offset } = this.table;
    return {
      count,
      time: time.subarray(0, count),
      cpu: cpu.subarray(0, count),
      type: type.subarray(0, count),
      task: task.subarray(0, count),
      offset: offset.subarray(0, count),
    };
  }
}

/** Collects spans as they end. */
export class SpanColumns {
  private readonly rows: { from: number; to: number; cpu: number; what: number }[] = [];

  constructor(private readonly most: number) {}

  add(cpu: number, what: number, from: number, to: number): void {
    if (this.rows.length < this.most && to > from) this.rows.push({ from, to, cpu, what });
  }

  ran(cpu: number, running: Running, until: TraceEvent, what: number): void {
    this.add(cpu, what, running.since.t, until.lost === 0 ? until.t : running.seen);
  }

  finish(): SpanTable {
    const rows = this.rows.sort((a, b) => a.from - b.from);
    return {
      count: rows.length,
      from: Float64Array.from(rows, ({ from }) => from),
      to: Float64Array.from(rows, ({ to }) => to),
      cpu: Uint16Array.from(rows, ({ cpu }) => cpu),
      what: Uint16Array.from(rows, ({ what }) => what),
    };
  }
}
