import type { TimeColumn } from "../events/clock.js";
import type { TraceEvent } from "../events/event.js";
import type { NameSpan, TaskNames } from "../events/names.js";
import { Stamp, type TextSink } from "../print/text-sink.js";
import { overheadMark } from "./graph-duration.js";
import { hex8 } from "./hex.js";
import type { LatencyColumn } from "./latency.js";

/** What stands before an event's own text. */
export const COLUMNS = ["task", "cpu", "flags", "time", "delta", "place"] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** The kernel's columns, in its order. */
export const KERNEL_COLUMNS: readonly ColumnName[] = ["task", "cpu", "flags", "time"];

/** What the columns are made from. */
export interface LineSources {
  readonly names: TaskNames;
  readonly latency: LatencyColumn;
  readonly time: TimeColumn;
  /** The record-tgid option's column. Which process a thread was of is in no image. */
  readonly tgid?: boolean | undefined;
  /** The irq-info option's column; on without it. */
  readonly irqInfo?: boolean | undefined;
  /** A byte that no terminal should see becomes visible; undefined leaves names as they are. */
  readonly clean?: ((text: string) => string) | undefined;
}

const CPU_TEXT: readonly string[] = Array.from({ length: 64 }, (_, cpu) => `[${String(cpu).padStart(3, "0")}] `);

function cpuText(cpu: number): string {
  return CPU_TEXT[cpu] ?? `[${String(cpu).padStart(3, "0")}] `;
}

/** trace_find_tgid() finds none: the boot that knew it is gone. */
const UNKNOWN_TGID = "(-------) ";

/** Beginnings of lines that are remembered, as a power of two: each CPU's tasks have some, with each of their flags. */
const REMEMBERED = 12;

/** What a line begins with, up to its time. */
interface Beginning {
  readonly pid: number;
  readonly cpu: number;
  readonly flags: number;
  readonly text: Stamp;
  /** How long the task is called so. */
  readonly name: NameSpan;
}

/** The kernel's columns (trace_print_context(), kernel/trace/trace_output.c): `comm-pid [cpu] flags time: `. */
export class KernelLine {
  private readonly beginnings: (Beginning | undefined)[] = new Array<undefined>(1 << REMEMBERED).fill(undefined);

  constructor(private readonly sources: LineSources) {}

  before(event: TraceEvent, out: TextSink): void {
    const { names, time } = this.sources;
    const { pid, cpu, position } = event;
    const flags = (event.flags << 8) | event.preemptCount;
    const slot = slotOf(pid, cpu, flags);
    let beginning = this.beginnings[slot];
    if (
      beginning === undefined ||
      beginning.pid !== pid ||
      beginning.cpu !== cpu ||
      beginning.flags !== flags ||
      position < beginning.name.from ||
      position >= beginning.name.until
    ) {
      const { latency, tgid, irqInfo } = this.sources;
      const shown = irqInfo === false ? "" : latency.text(flags >> 8, flags & 0xff);
      const text = this.task(event) + (tgid ? UNKNOWN_TGID : "") + cpuText(cpu) + shown;
      beginning = { pid, cpu, flags, text: new Stamp(text), name: names.span(pid, position) };
      this.beginnings[slot] = beginning;
    }
    out.stamp(beginning.text);
    writeTime(event, time, out);
    out.stamp(BEHIND_TIME);
  }

  /** `%16s-%-7d ` */
  task({ pid, position }: TraceEvent): string {
    const { names, clean } = this.sources;
    const comm = names.at(pid, position);
    return `${(clean?.(comm) ?? comm).padStart(16)}-${String(pid).padEnd(7)} `;
  }
}

/** Each of the three reaches all of the bits that are left: CPUs that run one task after the other do not share a slot. */
function slotOf(pid: number, cpu: number, flags: number): number {
  const mixed = Math.imul(pid, 0x9e3779b1) ^ Math.imul(cpu + 1, 0x85ebca6b) ^ Math.imul(flags, 0xc2b2ae35);
  return mixed >>> (32 - REMEMBERED);
}

const BEHIND_TIME = new Stamp(": ");

/** The time column; `~` takes the place of the space in front where the time is an estimate. */
function writeTime(event: TraceEvent, time: TimeColumn, out: TextSink): void {
  const from = out.at;
  time.write(event, out);
  if (event.page.bounds !== undefined) out.replace(from, asEstimate(out.string(from)));
}

function asEstimate(column: string): string {
  return column.replace(/ (?! )/, "~");
}

/** Columns as one chooses them. */
export class ChosenLine {
  private readonly kernel: KernelLine;
  private previous = Number.NaN;

  constructor(
    private readonly sources: LineSources,
    private readonly columns: readonly ColumnName[],
    /** Bytes of a sub-buffer before its data. */
    private readonly headerSize: number,
  ) {
    this.kernel = new KernelLine(sources);
  }

  /** An event has no line: those behind it are told from it nevertheless. */
  pass({ t }: TraceEvent): void {
    this.previous = t;
  }

  before(event: TraceEvent, out: TextSink): void {
    const from = out.at;
    for (const column of this.columns) {
      switch (column) {
        case "task":
          out.text(this.kernel.task(event));
          break;
        case "cpu":
          out.text(cpuText(event.cpu));
          break;
        case "flags":
          out.text(this.sources.latency.text(event.flags, event.preemptCount));
          break;
        case "time":
          writeTime(event, this.sources.time, out);
          break;
        case "delta":
          out.text(this.delta(event));
          break;
        case "place":
          out.text(
            ` ${event.page.id}/${event.page.index}+0x${(event.record - event.page.dataStart + this.headerSize).toString(16)}`,
          );
          break;
      }
    }
    if (out.at > from) out.text(": ");
  }

  /** Time since the event before, in microseconds (or clock units). */
  private delta(event: TraceEvent): string {
    const before = this.previous;
    this.previous = event.t;
    const since = Number.isNaN(before) ? 0 : event.t - before;
    if (!this.sources.time.inNs) return ` +${since}`.padStart(13);
    return ` ${`+${(since / 1000).toFixed(3)}`.padStart(12)}`;
  }
}

/**
 * The latency format's columns (trace_print_lat_context()): the time of an event and a mark for how long it is until
 * the next. So the line is finished when that time is known.
 */
export class LatencyLine {
  /** Events so far (iter->idx). */
  private index = 0;

  constructor(
    private readonly sources: LineSources,
    private readonly verbose = false,
  ) {}

  /** An event has no line: it is counted nevertheless. */
  pass(): void {
    this.index++;
  }

  /** All but the time: `comm-pid cpu flags`. */
  before(event: TraceEvent, out: TextSink): void {
    const { names, clean, latency } = this.sources;
    const comm = names.at(event.pid, event.position);
    if (this.verbose) {
      const task = `${(clean?.(comm) ?? comm).padStart(16)} ${String(event.pid).padStart(7)}`;
      const place = `${String(event.cpu).padStart(3)} ${event.flags}`;
      out.text(`${task} ${place} ${hex8(event.preemptCount & 0xf)} ${hex8(this.index++)} `);
      return;
    }
    const name = (clean?.(comm) ?? comm).slice(0, 8).padStart(8);
    out.text(`${name}-${String(event.pid).padEnd(7)} ${String(event.cpu).padStart(3)}`);
    out.text(latency.text(event.flags, event.preemptCount));
  }

  /** lat_print_timestamp() */
  time(event: TraceEvent, untilNext: number): string {
    const exact = event.exactTime();
    if (this.verbose) return this.verboseTime(exact, untilNext);
    const column = this.column(exact, untilNext);
    return event.page.bounds === undefined ? column : asEstimate(column);
  }

  private column(exact: bigint, untilNext: number): string {
    if (!this.sources.time.inNs) return ` ${String(exact).padStart(4)}: `;
    const us = Math.trunc((untilNext + 500) / 1000);
    return ` ${String((exact + 500n) / 1000n).padStart(4)}us${overheadMark(us * 1000)}: `;
  }

  private verboseTime(exact: bigint, untilNext: number): string {
    if (!this.sources.time.inNs) return `[${exact.toString(16).padStart(16, "0")}] ${exact} (+${untilNext}): `;
    const us = (exact + 500n) / 1000n;
    return `[${us.toString(16).padStart(8, "0")}] ${milliseconds(us)}ms (+${milliseconds(BigInt(Math.trunc((untilNext + 500) / 1000)))}ms): `;
  }
}

/** %ld.%03ld */
function milliseconds(us: bigint): string {
  return `${us / 1000n}.${String(us % 1000n).padStart(3, "0")}`;
}
