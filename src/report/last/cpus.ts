import type { EndOfTrace } from "../../derive/end.js";
import { neverReturns } from "../../derive/open/calls.js";
import type { TraceEvent } from "../../events/event.js";
import type { Texts } from "../../export/text/texts.js";
import type { Trace } from "../../trace.js";
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
export function isCertain({ end }: LastSources, { t }: TraceEvent): boolean {
  return end.losses.knowsSince(t);
}

/** Something that began and did not end, as far as is known. */
function opened(sources: LastSources, event: TraceEvent, what: string, text: string) {
  const { endTime } = sources;
  return {
    what,
    text,
    since: evidence(event),
    for: length(endTime - event.t),
    certain: isCertain(sources, event),
  };
}
export type OpenReport = ReturnType<typeof opened>;

/** The system call that a task is in. */
export function callReport(sources: LastSources, pid: number) {
  const call = sources.end.calls.of(pid);
  if (call === undefined) return null;
  const { enter, nr, name } = call;
  const text = nr >= 0 && name !== undefined && isNamed(sources, enter) ? bodyOfCall(sources, enter, name) : undefined;
  return {
    ...opened(sources, enter, "syscall", text ?? sources.syscalls.of(enter, nr, name)),
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
  return open === undefined ? null : opened(sources, open.event, "work", sources.texts.body(open.event));
}

/** All that a context is in, outermost first: its system call, work, interrupts, functions. */
export function stackReport(sources: LastSources, pid: number, cpu: number): OpenReport[] {
  const { end, texts } = sources;
  const call = callReport(sources, pid);
  const rows: { at: number; row: OpenReport }[] = [];
  if (call !== null) {
    const { name: _, returns: __, ...row } = call;
    rows.push({ at: end.calls.of(pid)!.enter.position, row });
  }
  for (const { what, event } of end.handlers.of(pid, cpu))
    rows.push({ at: event.position, row: opened(sources, event, what.what, what.name ?? texts.body(event)) });
  for (const { event } of end.functions.of(pid, cpu))
    rows.push({
      at: event.position,
      row: opened(sources, event, "function", texts.functionName(event, "func") ?? "?"),
    });
  return rows.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

/** What the last event's flags say; they are those of that event, not of death. */
function context({ trace, end, endTime }: LastSources, cpu: number, event: TraceEvent) {
  const { flags, preemptCount } = event;
  const offSince = end.flags.open(cpu, "irqs-off");
  const ignored = end.flags.open(cpu, "need-resched");
  return {
    text: trace.latency.text(flags, preemptCount),
    irqsOff: (flags & 0x01) !== 0,
    needResched: (flags & 0x04) !== 0,
    hardirq: (flags & 0x08) !== 0,
    softirq: (flags & 0x10) !== 0,
    nmi: (flags & 0x40) !== 0,
    preemptDepth: preemptCount & 0xf,
    irqsOffSince: offSince && offSince.events > 1 ? evidence(offSince.first) : null,
    irqsOffFor: offSince && offSince.events > 1 ? length(endTime - offSince.first.t) : null,
    needReschedSince: ignored && ignored.events > 1 ? evidence(ignored.first) : null,
  };
}

export function cpuReport(sources: LastSources, cpu: number) {
  const { trace, end, endTime, texts } = sources;
  const events = end.last.of(cpu);
  const last = events.at(-1);
  const running = end.running.on(cpu);
  if (last === undefined || running === undefined)
    return { cpu, last: null, beforeEnd: null, running: null, context: null, stack: [], events: [] };
  return {
    cpu,
    last: evidence(last),
    beforeEnd: length(endTime - last.t),
    running: {
      ...taskName(trace, running.pid),
      prio: running.prio >= 0 ? running.prio : null,
      since: evidence(running.since),
      for: length(endTime - running.since.t),
      atLeast: !running.exact,
    },
    context: context(sources, cpu, last),
    stack: stackReport(sources, running.pid, cpu),
    events: events.map((event) => ({
      ...evidence(event),
      task: taskName(trace, event.pid, event.position),
      flags: trace.latency.text(event.flags, event.preemptCount),
      text: texts.of(event),
    })),
  };
}
export type CpuReport = ReturnType<typeof cpuReport>;
