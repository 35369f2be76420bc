import { type EndOfTrace, endOf } from "../derive/end.js";
import type { FlagKind, Stretch } from "../derive/flag-stretches.js";
import { syscallsOf } from "../derive/syscalls.js";
import { Texts } from "../export/text/texts.js";
import { durationText } from "../ground/time-text.js";
import type { Trace } from "../trace/trace.js";
import { imageReport } from "./common.js";
import { answer } from "./last/answer.js";
import { rateChanges } from "./last/changes.js";
import { cpuReport, type LastSources, length } from "./last/cpus.js";
import { evidence, taskName } from "./last/evidence.js";
import { queuedWork } from "./last/queued.js";
import { SyscallText } from "./last/syscall-text.js";
import { blockedTasks, sleepingTasks, waitingTasks } from "./last/tasks.js";

export type LastReport = ReturnType<typeof last>;

const SECOND = 1e9;
/** Parts of the whole, where the clock counts no time: what is a silence, and what is the end. */
const SHORT_PART = 100;
const END_PART = 10;
/** Places told one by one. */
const MOST_TORN = 100;

/** The report of `last`, as its JSON document (schemas/last.json). */
export function last(trace: Trace, lastEvents: number) {
  const { image, inNs, coverage, origin } = trace;
  const since = (time: bigint): number => Number(time - origin.value);
  const endTime = coverage.span ? since(coverage.span.last) : 0;
  const from = coverage.common ? since(coverage.common.first) : 0;
  const span = coverage.span ? endTime - since(coverage.span.first) : 0;
  const recent = endTime - (inNs ? SECOND : span / END_PART);
  const followed = { kinds: trace.kinds, syscalls: syscallsOf(trace), from };
  const end = endOf(trace.events(), followed, { recent, lastEvents });
  const sources: LastSources = {
    trace,
    end,
    endTime,
    texts: new Texts(trace),
    syscalls: new SyscallText(trace),
  };
  const cpus = coverage.cpus.map(({ cpu }) => cpuReport(sources, cpu));
  const waiting = waitingTasks(sources);
  const blocked = blockedTasks(sources);
  const sleeping = sleepingTasks(sources);
  const queued = queuedWork(sources);
  const messages = end.messages.list().map((event) => ({
    ...evidence(event),
    task: taskName(trace, event.pid, event.position),
    text: sources.texts.of(event),
  }));
  return {
    schema: "rbtool/last/1" as const,
    image: imageReport(image),
    clock: { name: image.scratch?.clockName ?? null, nanoseconds: inNs },
    release: trace.release ?? null,
    end: coverage.span?.last.toString() ?? null,
    answer: answer({
      cpus,
      waiting,
      blocked,
      sleeping,
      queued,
      duration: (units) => durationText(units, inNs),
      messages: messages.map(({ text }) => text),
      switches: end.running.switches > 0,
      cut: (image.cut?.cpus.length ?? 0) > 0,
      short: inNs ? 10e6 : Math.max(1, span / SHORT_PART),
    }),
    cpus,
    waiting,
    blocked,
    sleeping,
    queued,
    stretches: (["irqs-off", "preempt-off", "need-resched"] as const).flatMap((kind) => stretches(sources, kind)),
    changes: changes(sources, from, recent),
    losses: losses(sources),
    damagedSubbufs: trace.torn.length,
    torn: torn(trace),
    messages,
  };
}

function stretches({ trace, end }: LastSources, kind: FlagKind) {
  return end.flags.top(kind).map((stretch) => ({
    kind,
    cpu: stretch.first.cpu,
    task: taskName(trace, stretch.first.pid, stretch.first.position),
    from: evidence(stretch.first),
    to: evidence(stretch.last),
    length: length(stretch.length),
    events: stretch.events,
    open: isOpen(end, stretch),
  }));
}

function isOpen(end: EndOfTrace, { first, kind }: Stretch): boolean {
  return end.flags.open(first.cpu, kind)?.first.position === first.position;
}

function changes({ trace, end, endTime, texts }: LastSources, from: number, recent: number) {
  if (!trace.inNs) return [];
  const seconds = { before: (recent - from) / SECOND, after: (endTime - Math.max(recent, from)) / SECOND };
  return rateChanges(end.rates.all(), seconds).map(({ type, before, after, last: event }) => ({
    event: texts.name(type),
    before,
    after,
    last: evidence(event),
  }));
}

function losses({ trace, end, endTime }: LastSources) {
  return trace.coverage.cpus.flatMap(({ cpu }) => {
    const loss = end.losses.of(cpu);
    if (loss === undefined) return [];
    const { event, places, events } = loss;
    return [
      { cpu, lost: { places, events: String(events) }, last: evidence(event), beforeEnd: length(endTime - event.t) },
    ];
  });
}

/** Places whose records cannot be read, nearest to the end first; of those whose time nobody knows, last. */
function torn({ torn: places, coverage }: Trace) {
  const beforeEnd = (after: bigint | undefined) =>
    after === undefined || coverage.span === undefined ? null : (coverage.span.last - after).toString();
  return [...places]
    .sort((a, b) => Number((b.after ?? -1n) - (a.after ?? -1n)))
    .slice(0, MOST_TORN)
    .map(({ cpu, index, offset, after, atEnd }) => ({
      cpu,
      subbuf: index,
      offset,
      after: after?.toString() ?? null,
      beforeEnd: beforeEnd(after),
      atEnd,
    }));
}
