import { overheadMark } from "../builtin/graph.js";
import type { RingIter } from "../read/ring-iter.js";
import type { TimeColumn } from "./clock.js";
import type { Comms } from "./comms.js";
import type { LatencyColumn } from "./latency.js";

/** What stands before an event's own text. */
export const COLUMNS = ["task", "cpu", "flags", "time", "delta", "place"] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** The kernel's columns, in its order. */
export const KERNEL_COLUMNS: readonly ColumnName[] = ["task", "cpu", "flags", "time"];

export interface LineFacts {
  readonly comms: Comms;
  readonly latency: LatencyColumn;
  readonly time: TimeColumn;
  /** A byte that no terminal should see becomes visible; undefined leaves names as they are. */
  readonly clean?: ((text: string) => string) | undefined;
}

const CPU_TEXT: readonly string[] = Array.from({ length: 64 }, (_, cpu) => `[${String(cpu).padStart(3, "0")}] `);

/** The kernel's columns (trace_print_context(), kernel/trace/trace_output.c): `comm-pid [cpu] flags time: `. */
export class KernelLine {
  private generation = -1;
  private readonly tasks = new Map<number, string>();
  private lastPid = Number.NaN;
  private lastTask = "";

  constructor(private readonly facts: LineFacts) {}

  before(event: RingIter): string {
    const { latency, time } = this.facts;
    const cpu = event.cpu;
    return (
      this.task(event.pid) +
      (CPU_TEXT[cpu] ?? `[${String(cpu).padStart(3, "0")}] `) +
      latency.text(event.flags, event.preemptCount) +
      time.text(event) +
      ": "
    );
  }

  /** `%16s-%-7d ` */
  task(pid: number): string {
    const { comms, clean } = this.facts;
    if (comms.generation !== this.generation || this.tasks.size > 65536) {
      this.generation = comms.generation;
      this.tasks.clear();
      this.lastPid = Number.NaN;
    }
    if (pid === this.lastPid) return this.lastTask;
    let text = this.tasks.get(pid);
    if (text === undefined) {
      const comm = comms.comm(pid);
      text = `${(clean?.(comm) ?? comm).padStart(16)}-${String(pid).padEnd(7)} `;
      this.tasks.set(pid, text);
    }
    this.lastPid = pid;
    this.lastTask = text;
    return text;
  }
}

/** Columns as one chooses them. */
export class ChosenLine {
  private readonly kernel: KernelLine;
  private previous = Number.NaN;
  private readonly previousByCpu: number[] = [];

  constructor(
    private readonly facts: LineFacts,
    private readonly columns: readonly ColumnName[],
    private readonly deltaPerCpu = false,
  ) {
    this.kernel = new KernelLine(facts);
  }

  before(event: RingIter): string {
    let text = "";
    for (const column of this.columns) {
      switch (column) {
        case "task":
          text += this.kernel.task(event.pid);
          break;
        case "cpu":
          text += CPU_TEXT[event.cpu] ?? `[${event.cpu}] `;
          break;
        case "flags":
          text += this.facts.latency.text(event.flags, event.preemptCount);
          break;
        case "time":
          text += this.facts.time.text(event);
          break;
        case "delta":
          text += this.delta(event);
          break;
        case "place":
          text += ` ${event.page.id}/${event.page.index}+0x${(event.record - event.page.start + 16).toString(16)}`;
          break;
      }
    }
    return text === "" ? "" : `${text}: `;
  }

  /** Time since the event before, in microseconds (or clock units). */
  private delta(event: RingIter): string {
    const before = this.deltaPerCpu ? this.previousByCpu[event.cpu] : this.previous;
    this.previous = event.t;
    this.previousByCpu[event.cpu] = event.t;
    const since = before === undefined || Number.isNaN(before) ? 0 : event.t - before;
    if (!this.facts.time.inNs) return ` +${since}`.padStart(13);
    return ` ${`+${(since / 1000).toFixed(3)}`.padStart(12)}`;
  }
}

/**
 * The latency format's columns (trace_print_lat_context()): the time of an event and a mark for how long it is until
 * the next. So the line is finished when that time is known.
 */
export class LatencyLine {
  constructor(private readonly facts: LineFacts) {}

  /** All but the time: `comm-pid cpu flags`. */
  before(event: RingIter): string {
    const { comms, clean, latency } = this.facts;
    const comm = comms.comm(event.pid);
    const name = (clean?.(comm) ?? comm).slice(0, 8).padStart(8);
    return `${name}-${String(event.pid).padEnd(7)} ${String(event.cpu).padStart(3)}${latency.text(event.flags, event.preemptCount)}`;
  }

  /** lat_print_timestamp() */
  time(exact: bigint, untilNext: number): string {
    if (!this.facts.time.inNs) return ` ${String(exact).padStart(4)}: `;
    const us = Math.trunc((untilNext + 500) / 1000);
    return ` ${String((exact + 500n) / 1000n).padStart(4)}us${overheadMark(us * 1000)}: `;
  }
}
