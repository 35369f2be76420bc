import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import { clockText, durationText } from "../ground/time-text.js";
import type { LastReport } from "../report/last.js";
import type { Paper } from "./paper.js";
import { glued, widthOf, wrap } from "./wrap.js";

/** Rows of a list that are shown; --json has all. */
const MOST = 8;
/** wrap() fills lines no shorter than this; what stands before the longest word of a line. */
const NARROWEST = 40;
const INDENTS = 8;

/** The end for a person: line one is the answer; every statement has its evidence, `[CPU time @offset]`. */
export function renderLast(report: LastReport, paper: Paper): string {
  const { style } = paper;
  const pen = new Pen(report, paper);
  pen.line("", style.heading(safeText(report.answer)));
  if (report.end === null) return pen.text();
  pen.line("", style.faint(`the end: ${pen.clock(report.end)}; evidence: [CPU time @offset in the image]`));
  for (const cpu of report.cpus) cpuPart(pen, cpu);
  tasksPart(pen, report);
  restPart(pen, report);
  return pen.text();
}

interface Evidence {
  readonly cpu: number;
  readonly time: string;
  readonly offset: number;
}

/** Puts lines together, each within the window. */
class Pen {
  private out = "";

  constructor(
    readonly report: LastReport,
    readonly paper: Paper,
  ) {}

  line(indent: string, text: string): void {
    this.out += `${wrap(indent + this.broken(text), this.paper, `${indent}  `)}\n`;
  }

  heading(text: string): void {
    this.out += `\n${wrap(this.paper.style.heading(text), this.paper, "  ")}\n`;
  }

  text(): string {
    return this.out;
  }

  /** Words that no line would hold, in pieces. */
  private broken(text: string): string {
    const { columns } = this.paper;
    if (columns === undefined) return text;
    const room = Math.max(columns, NARROWEST) - INDENTS;
    return text.replace(/\S+/g, (word) => {
      if (widthOf(word) <= room || this.paper.style.colored) return word;
      return word.match(new RegExp(`.{1,${room}}`, "g"))!.join(" ");
    });
  }

  duration(units: string): string {
    return durationText(units, this.report.clock.nanoseconds);
  }

  clock(time: string): string {
    return clockText(time, this.report.clock.nanoseconds);
  }

  evidence({ cpu, time, offset }: Evidence): string {
    return this.paper.style.faint(glued(`[${cpu} ${this.clock(time)} @0x${offset.toString(16)}]`));
  }

  task({ comm, pid }: { comm: string; pid: number }): string {
    if (pid === 0) return "the idle task";
    return comm === "<...>" ? `pid ${pid}` : safeText(`${comm}-${pid}`);
  }

  /** One line of an event or an argument list, short enough to be read. */
  short(text: string): string {
    const line = safeText(text.split("\n")[0]!);
    return line.length > 160 ? `${line.slice(0, 157)}...` : line;
  }

  more(rows: readonly unknown[]): void {
    if (rows.length > MOST) this.line("  ", this.paper.style.faint(`and ${rows.length - MOST} more (--json has all)`));
  }
}

type Cpu = LastReport["cpus"][number];

function cpuPart(pen: Pen, report: Cpu): void {
  const { cpu, last, beforeEnd, running, context, stack, events } = report;
  if (last === null || running === null || context === null || beforeEnd === null) {
    pen.heading(`CPU ${cpu}: no events`);
    return;
  }
  pen.heading(`CPU ${cpu}: last event ${beforeEnd === "0" ? "at" : `${pen.duration(beforeEnd)} before`} the end`);
  if (report.torn) pen.line("  ", "what it logged after that cannot be read (see the end of this text)");
  const prio = running.prio !== null && running.prio < 100 ? `, real-time (prio ${running.prio})` : "";
  pen.line(
    "  ",
    `ran ${pen.task(running)}${prio} for ${running.atLeast ? "at least " : ""}${pen.duration(running.for)} ${pen.evidence(running.since)}`,
  );
  pen.line("  ", `at its last event: ${contextText(context)} ${pen.evidence(last)}`);
  for (const [words, stretch] of [
    ["irqs off", context.irqsOffStretch],
    ["preemption off", context.preemptOffStretch],
    ["need-resched", context.needReschedStretch],
  ] as const)
    if (stretch !== null)
      pen.line("  ", `${words} at each of the ${stretch.events} events since ${pen.evidence(stretch.since)}`);
  if (stack.length > 0) pen.line("  ", "in, outermost first:");
  for (const open of stack)
    pen.line(
      "    ",
      `${open.what} ${pen.short(open.text)} for ${pen.duration(open.for)}${doubt(open.certain)} ${pen.evidence(open.since)}`,
    );
  if (events.length > 0) pen.line("  ", `last ${events.length === 1 ? "event" : `${events.length} events`}:`);
  for (const event of events)
    pen.line("    ", `${pen.task(event.task)} ${event.flags} ${pen.short(event.text)} ${pen.evidence(event)}`);
}

function doubt(certain: boolean): string {
  return certain ? "" : " (or it ended among events that are lost)";
}

function contextText(context: NonNullable<Cpu["context"]>): string {
  const { irqsOff, preemptDepth, nmi, hardirq, softirq, needResched, text } = context;
  const parts = [
    irqsOff ? "irqs off" : "irqs on",
    ...(nmi ? ["in an NMI"] : []),
    ...(hardirq ? ["in a hard irq"] : []),
    ...(softirq ? ["in a soft irq"] : []),
    ...(preemptDepth > 0 ? [`preempt depth ${preemptDepth}`] : []),
    ...(needResched ? ["need-resched"] : []),
  ];
  return `${parts.join(", ")} (${text})`;
}

function tasksPart(pen: Pen, { waiting, blocked, sleeping, queued, clock }: LastReport): void {
  if (waiting.length > 0) pen.heading("Runnable but not running");
  for (const task of waiting.slice(0, MOST)) {
    const where = task.cpu === null ? "" : ` on CPU ${task.cpu}`;
    pen.line(
      "  ",
      `${pen.task(task)}${where} for ${pen.duration(task.for)}, ${task.why}${doubt(task.certain)} ${pen.evidence(task.since)}`,
    );
  }
  pen.more(waiting);
  if (blocked.length > 0) pen.heading("In uninterruptible sleep (D)");
  for (const task of blocked.slice(0, MOST)) asleep(pen, task);
  pen.more(blocked);
  if (sleeping.length > 0) pen.heading("Asleep in a system call or in work");
  for (const task of sleeping.slice(0, MOST)) asleep(pen, task);
  pen.more(sleeping);
  const late = queued.filter(({ certain, for: time }) => certain && Number(time) >= (clock.nanoseconds ? LATE : 1));
  if (late.length > 0) pen.heading("Queued work that has not started");
  for (const work of late.slice(0, MOST)) {
    const where = work.cpu === null ? "" : ` on CPU ${work.cpu}`;
    pen.line("  ", `${pen.short(work.text)}${where} for ${pen.duration(work.for)} ${pen.evidence(work.since)}`);
  }
  pen.more(late);
}

/** What waits for less is everyday; and where events are lost, most of what seems to wait has begun. */
const LATE = 5e6;

function asleep(pen: Pen, task: LastReport["blocked"][number]): void {
  pen.line(
    "  ",
    `${pen.task(task)} for ${pen.duration(task.for)} (${task.state ?? "?"})${doubt(task.certain)} ${pen.evidence(task.since)}`,
  );
  const { call, did } = task;
  if (call !== null)
    pen.line(
      "    ",
      `in ${pen.short(call.text)} for ${pen.duration(call.for)}${doubt(call.certain)} ${pen.evidence(call.since)}`,
    );
  if (task.work !== null)
    pen.line(
      "    ",
      `in work: ${pen.short(task.work.text)} for ${pen.duration(task.work.for)}${doubt(task.work.certain)} ${pen.evidence(task.work.since)}`,
    );
  if (did !== null && (call === null || did.offset !== call.since.offset))
    pen.line("    ", `last: ${pen.short(did.text)} ${pen.evidence(did)}`);
}

const STRETCHES = { "irqs-off": "irqs off", "preempt-off": "preemption off", "need-resched": "need-resched" } as const;
/** Of the places that cannot be read, those nearest to the end. */
const TORN_SHOWN = 4;
/** Of each kind, where --json has more. */
const STRETCHES_SHOWN = 2;
/** Between two events that are closer than a tick, anything may have been. */
const SHORTEST = 5e6;

function restPart(pen: Pen, report: LastReport): void {
  const { clock, stretches, changes, losses, torn, messages } = report;
  const shown = (["irqs-off", "preempt-off", "need-resched"] as const).flatMap((kind) =>
    stretches
      .filter((stretch) => stretch.kind === kind && Number(stretch.length) >= (clock.nanoseconds ? SHORTEST : 1))
      .slice(0, STRETCHES_SHOWN),
  );
  if (shown.length > 0) pen.heading("Longest with the same flag at every event");
  for (const { kind, cpu, task, length, events, from, to, open } of shown)
    pen.line(
      "  ",
      `${STRETCHES[kind]} for ${pen.duration(length)} on CPU ${cpu} in ${pen.task(task)}, ${plural(events, "event")}${open ? ", not over" : ""} ${pen.evidence(from)} to ${pen.evidence(to)}`,
    );
  if (changes.length > 0) pen.heading("The last second compared with the time before, in events per second");
  for (const { event, before, after, last } of changes)
    pen.line("  ", `${safeText(event)}: ${rate(after)}, before ${rate(before)}; last ${pen.evidence(last)}`);
  if (losses.length > 0 || torn.length > 0) pen.heading("What limits these answers");
  for (const { cpu, lost, last, beforeEnd } of losses)
    pen.line(
      "  ",
      `CPU ${cpu}: ${plural(lost.places, "gap")} where ${lost.events === "0" ? "events" : `${lost.events} events`} are lost, the last ${pen.duration(beforeEnd)} before the end ${pen.evidence(last)}`,
    );
  for (const { cpu, subbuf, offset, beforeEnd, atEnd } of torn.slice(0, TORN_SHOWN)) {
    const when = beforeEnd === null ? "" : `, after what it logged ${pen.duration(beforeEnd)} before the end`;
    const last = atEnd ? "; nothing after it can be read" : "";
    const what =
      offset < report.image.size
        ? `records of sub-buffer ${subbuf} cannot be read`
        : `sub-buffer ${subbuf} is not in the file`;
    pen.line("  ", `CPU ${cpu}: ${what}${when} [@0x${offset.toString(16)}]${last}`);
  }
  if (torn.length > TORN_SHOWN)
    pen.line("  ", `${plural(torn.length - TORN_SHOWN, "more sub-buffer")} with such records: see \`rbtool inspect\``);
  if (messages.length > 0) pen.heading("Last messages");
  for (const message of messages)
    pen.line("  ", `${pen.task(message.task)} ${pen.short(message.text)} ${pen.evidence(message)}`);
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? Math.round(perSecond).toString() : perSecond === 0 ? "none" : perSecond.toPrecision(2);
}
