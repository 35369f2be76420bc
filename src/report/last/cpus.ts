import type { EndOfTrace } from "../../derive/end.js";
import type { FlagKind } from "../../derive/flag-stretches.js";
import { neverReturns } from "../../derive/open/calls.js";
import type { Running } from "../../derive/tasks/running.js";
import type { TraceEvent } from "../../events/event.js";
import type { Texts } from "../../export/text/texts.js";
import type { Trace } from "../../trace/trace.js";
import { evidence, taskName } from "./evidence.js";
import type { SyscallText } from "./syscall-text.js";

/** What the parts of the report are made of. */
export interface LastSources {
  readonly trace: Trace;
  readonly end: EndOfTrace;
  /** The last event's time since the origin. */
  readonly endTime: number;
  readonly texts: Texts;
  readonly syscalls: SyscallText;
}

/** A length of time, in units of the clock. */
export function length(units: number): string {
  return String(Math.max(0, Math.round(units)));
}

/** Whether all that followed an event is known: no CPU's ring begins later, and none has lost any since. */
export function isCertain({ end, trace }: LastSources, { t }: TraceEvent): boolean {
  return end.losses.knowsSince(t) && !trace.torn.some(({ atEnd }) => atEnd);
}

/** Whether all that followed on one CPU is known. */
export function isCertainOn({ end, trace }: LastSources, cpu: number, { t }: TraceEvent): boolean {
  const { coverage, origin, torn } = trace;
  const from = coverage.cpus.find((each) => each.cpu === cpu)?.from;
  const begun = from !== undefined && Number(from - origin.value) <= t;
  return begun && end.losses.knowsOn(cpu, t) && !torn.some((place) => place.atEnd && place.cpu === cpu);
}

/** Of what a task did or was: a worker of one CPU's pool runs nowhere else (create_worker(), kernel/workqueue.c, names it so). */
export function isCertainOf(sources: LastSources, pid: number, event: TraceEvent): boolean {
  const pool = /^kworker\/(\d+):/.exec(taskName(sources.trace, pid).comm)?.[1];
  return isCertain(sources, event) || (pool !== undefined && isCertainOn(sources, Number(pool), event));
}

/** Something that began and did not end, as far as is known. */
export function opened(
  sources: LastSources,
  event: TraceEvent,
  { what, text }: { readonly what: string; readonly text: string },
  certain = isCertain(sources, event),
) {
  const { endTime } = sources;
  return {
    what,
    text,
    since: evidence(event),
    for: length(endTime - event.t),
    certain,
  };
}
export type OpenReport = ReturnType<typeof opened>;

/** The system call that a task is in. */
export function callReport(sources: LastSources, pid: number, certain?: boolean) {
  const call = sources.end.calls.of(pid);
  if (call === undefined) return null;
  const { enter, nr, name } = call;
  const named = nr >= 0 && name !== undefined && isNamed(sources, enter);
  const text = named ? bodyOfCall(sources, enter, name) : sources.syscalls.of(enter, nr, name);
  return {
    ...opened(sources, enter, { what: "syscall", text }, certain),
    name: name ?? null,
    returns: !neverReturns(call),
  };
}

function isNamed({ trace }: LastSources, enter: TraceEvent): boolean {
  return trace.writer.formats.get(enter.type)?.system === "syscalls";
}

/** The event of the call itself prints its arguments: `sys_openat(dfd: 3, ...)`. */
function bodyOfCall({ texts }: LastSources, enter: TraceEvent, name: string): string {
  const text = texts.of(enter);
  return name + text.slice(text.indexOf("("));
}

/** The work item that a task is in, asleep or not. */
export function workReport(sources: LastSources, pid: number): OpenReport | null {
  const open = sources.end.handlers.of(pid, 0).find(({ what }) => what.what === "work");
  if (open === undefined) return null;
  const { event } = open;
  return opened(sources, event, { what: "work", text: sources.texts.body(event) }, isCertainOf(sources, pid, event));
}

/** All that a CPU's task is in, outermost first: its system call, work, interrupts, functions. */
function stackReport(sources: LastSources, running: Running, cpu: number): OpenReport[] {
  const { end, texts } = sources;
  const { pid, since } = running;
  // As long as the CPU ran it, all that followed is of this CPU.
  const certain = (event: TraceEvent): boolean =>
    isCertainOf(sources, pid, event) ||
    (end.running.switches > 0 && event.cpu === cpu && event.t >= since.t && isCertainOn(sources, cpu, event));
  const rows: { at: number; row: OpenReport }[] = [];
  const open = (event: TraceEvent, what: string, text: string): void => {
    rows.push({ at: event.position, row: opened(sources, event, { what, text }, certain(event)) });
  };
  const enter = end.calls.of(pid)?.enter;
  const call = enter && callReport(sources, pid, certain(enter));
  if (call) {
    const { name: _, returns: __, ...row } = call;
    rows.push({ at: enter.position, row });
  }
  for (const { what, event } of end.handlers.of(pid, cpu)) open(event, what.what, what.name ?? texts.body(event));
  for (const { event } of end.functions.of(pid, cpu)) open(event, "function", texts.functionName(event, "func") ?? "?");
  return rows.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

/** What the last event's flags say; they are those of that event, not of death. */
function context({ trace, end, endTime }: LastSources, cpu: number, event: TraceEvent) {
  const { flags, preemptCount } = event;
  /** The stretch of events up to the last that all have the flag. */
  const stretch = (kind: FlagKind) => {
    const open = end.flags.open(cpu, kind);
    if (open === undefined || open.events < 2) return null;
    return { since: evidence(open.first), for: length(endTime - open.first.t), events: open.events };
  };
  return {
    text: trace.latency.text(flags, preemptCount),
    irqsOff: (flags & 0x01) !== 0,
    needResched: (flags & 0x04) !== 0,
    hardirq: (flags & 0x08) !== 0,
    softirq: (flags & 0x10) !== 0,
    nmi: (flags & 0x40) !== 0,
    preemptDepth: preemptCount & 0xf,
    irqsOffStretch: stretch("irqs-off"),
    preemptOffStretch: stretch("preempt-off"),
    needReschedStretch: stretch("need-resched"),
  };
}

export function cpuReport(sources: LastSources, cpu: number) {
  const { trace, end, endTime, texts } = sources;
  const events = end.last.of(cpu);
  const last = events.at(-1);
  const running = end.running.on(cpu);
  if (last === undefined || running === undefined)
    return {
      cpu,
      last: null,
      beforeEnd: null,
      torn: false,
      ticks: 0,
      running: null,
      context: null,
      stack: [],
      events: [],
    };
  return {
    cpu,
    last: evidence(last),
    beforeEnd: length(endTime - last.t),
    /** What it logged behind that cannot be read. */
    torn: trace.torn.some((place) => place.atEnd && place.cpu === cpu),
    ticks: end.ticks.of(cpu),
    running: {
      ...taskName(trace, running.pid),
      prio: running.prio >= 0 ? running.prio : null,
      since: evidence(running.since),
      for: length(endTime - running.since.t),
      atLeast: !running.exact,
    },
    context: context(sources, cpu, last),
    stack: stackReport(sources, running, cpu),
    events: events.map((event) => ({
      ...evidence(event),
      task: taskName(trace, event.pid, event.position),
      flags: trace.latency.text(event.flags, event.preemptCount),
      text: texts.of(event),
    })),
  };
}
export type CpuReport = ReturnType<typeof cpuReport>;
