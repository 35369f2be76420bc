import type { CpuReport } from "./cpus.js";
import type { TaskReport } from "./tasks.js";

/** What the answer is made of. */
export interface AnswerFacts {
  readonly cpus: readonly CpuReport[];
  readonly waiting: readonly TaskReport[];
  readonly blocked: readonly TaskReport[];
  /** Asleep otherwise. */
  readonly sleeping: readonly TaskReport[];
  /** A length of time in words, of a number of the clock's units. */
  duration(units: string): string;
  /** What was said in words, oldest first. */
  readonly messages: readonly string[];
  /** The trace has switches of tasks: otherwise nobody knows which CPU idled. */
  readonly switches: boolean;
  /** The clock's units in 10 ms: what is shorter is no silence and no wait. */
  readonly short: number;
}

/** What names say where there is none. */
const UNKNOWN = "<...>";
/** A CPU that is silent for less has logged to the end; a wait or a D state that is shorter is everyday. */
const LONG_WAIT = 5;
/** Work may sleep, but not for this long. */
const LONG_WORK = 50;
/** Tasks named in the answer. */
const NAMED = 2;

/** Line one: who is to be looked at first. */
export function answer(facts: AnswerFacts): string {
  const { cpus } = facts;
  const known = cpus.filter(({ last }) => last !== null);
  if (known.length === 0) return "no events";
  const silent = known.filter((cpu) => isSilent(cpu, facts) && !isIdle(cpu));
  const starving = known.filter(
    (cpu) =>
      !silent.includes(cpu) &&
      (starvers(cpu, facts).length > 0 ||
        held(cpu, facts) !== undefined ||
        Number(cpu.context?.irqsOffFor ?? 0) >= facts.short * LONG_WAIT),
  );
  const rest = known.filter((cpu) => !silent.includes(cpu) && !starving.includes(cpu));
  const told = facts.waiting.filter(({ cpu }) => [...silent, ...starving].some((each) => each.cpu === cpu));
  return [
    ...panics(facts),
    ...silent.map((cpu) => silence(cpu, facts)),
    ...starving.map((cpu) => starvation(cpu, facts)),
    ...stuck(facts),
    ...waits(facts, told),
    ...ends(rest, facts),
  ].join("; ");
}

/** The kernel's own last words, where the console was traced. */
function panics({ messages }: AnswerFacts): string[] {
  const said = messages.map((text) => /Kernel panic - not syncing: (.*)/.exec(text)?.[1]).findLast(Boolean);
  return said === undefined ? [] : [`kernel panic: ${said}`];
}

/** It runs the idle task, with nothing to do: in no interrupt that has not ended, and not asked to reschedule. */
function isIdle({ running, context, stack }: CpuReport): boolean {
  const busy = context === null || context.needResched;
  return running?.pid === 0 && !busy && stack.every(({ what }) => what === "function");
}

function isSilent({ beforeEnd }: CpuReport, { short }: AnswerFacts): boolean {
  return Number(beforeEnd) >= short;
}

/** `in ls-5111, system call getdents64 (73.9 ms)` */
function silence(cpu: CpuReport, facts: AnswerFacts): string {
  const doing = innermost(cpu, facts);
  const waiting = starvers(cpu, facts);
  if (!facts.switches)
    return `CPU ${cpu.cpu} logged nothing in the last ${facts.duration(cpu.beforeEnd!)}, before that in ${nameOf(cpu.running!)}${doing === "" ? "" : `, ${doing}`} (no sched_switch tells whether it was idle)`;
  return (
    `CPU ${cpu.cpu} fell silent ${facts.duration(cpu.beforeEnd!)} before the end, in ${nameOf(cpu.running!)}` +
    (doing === "" ? "" : `, ${doing}`) +
    irqsText(cpu, facts) +
    (waiting.length === 0 ? "" : `, while ${waitersText(waiting, facts)}`)
  );
}

/** Who waits for a CPU for long. */
function starvers({ cpu }: CpuReport, { waiting, short }: AnswerFacts): TaskReport[] {
  return waiting.filter((task) => task.cpu === cpu && Number(task.for) >= short * LONG_WAIT);
}

function starvation(cpu: CpuReport, facts: AnswerFacts): string {
  const { running } = cpu;
  const waiting = starvers(cpu, facts);
  const realTime = running!.prio !== null && running!.prio < 100 ? " (real-time)" : "";
  const doing = innermost(cpu, facts);
  const ran = isIdle(cpu)
    ? `CPU ${cpu.cpu} was idle`
    : `CPU ${cpu.cpu} ran ${nameOf(running!)}${realTime} for ${running!.atLeast ? "at least " : ""}the last ${facts.duration(running!.for)}${doing === "" ? "" : `, ${doing}`}`;
  return `${ran}${irqsText(cpu, facts)}${waiting.length === 0 ? "" : `, while ${waitersText(waiting, facts)}`}`;
}

/** `, interrupts off`, with since when where that is long. */
function irqsText({ context }: CpuReport, { duration, short }: AnswerFacts): string {
  if (context === null || !context.irqsOff) return "";
  const long = Number(context.irqsOffFor) >= short;
  return long ? `, interrupts off for ${duration(context.irqsOffFor!)}` : ", interrupts off";
}

/** An interrupt, a soft interrupt, a timer or work that has been going on for long. */
function held({ stack }: CpuReport, { short }: AnswerFacts): CpuReport["stack"][number] | undefined {
  return stack.find(({ what, certain, for: time }) => certain && !OUTER.has(what) && Number(time) >= short * LONG_WAIT);
}

/** What may go on for as long as it likes. */
const OUTER: ReadonlySet<string> = new Set(["syscall", "function"]);

function waitersText(tasks: readonly TaskReport[], facts: AnswerFacts): string {
  const named = tasks.slice(0, NAMED).map((task) => `${nameOf(task)} (${facts.duration(task.for)})`);
  const more = tasks.length - named.length;
  return `${listed(named, more)} waited for it`;
}

/** Tasks in D for long, and those that sleep in a work item for long. */
function stuck(facts: AnswerFacts): string[] {
  const tasks = [
    ...facts.blocked.filter((task) => Number(task.for) >= facts.short * LONG_WAIT),
    ...facts.sleeping.filter(({ work }) => work !== null && Number(work.for) >= facts.short * LONG_WORK),
  ];
  if (tasks.length === 0) return [];
  const named = tasks.slice(0, NAMED).map((task) => {
    const { work, call, state } = task;
    const inside =
      work !== null ? `, in work ${functionOf(work.text)}` : call === null ? "" : `, in ${call.name ?? call.text}`;
    return `${nameOf(task)} was ${state === "D" ? "in D" : "asleep"} for ${facts.duration(task.for)}${inside}`;
  });
  return [listed(named, tasks.length - named.length)];
}

/** The function of a timer or a work item, which the event names among other things. */
function functionOf(text: string): string {
  return /\bfunction[ =](\S+)/.exec(text)?.[1] ?? text;
}

/** Those who waited long for no CPU that is told of. */
function waits(facts: AnswerFacts, told: readonly TaskReport[]): string[] {
  const tasks = facts.waiting.filter((task) => Number(task.for) >= facts.short * LONG_WAIT && !told.includes(task));
  if (tasks.length === 0) return [];
  return [
    listed(
      tasks.slice(0, NAMED).map((task) => `${nameOf(task)} waited for a CPU (${facts.duration(task.for)})`),
      Math.max(0, tasks.length - NAMED),
    ),
  ];
}

/** CPUs named one by one. */
const CPUS_NAMED = 3;

function ends(cpus: readonly CpuReport[], facts: AnswerFacts): string[] {
  const busy = cpus.filter((cpu) => !isIdle(cpu));
  const idle = cpus.filter(isIdle);
  return [
    ...busy.slice(0, CPUS_NAMED).map((cpu) => {
      const call = cpu.stack.find(({ what }) => what === "syscall");
      const doing = call === undefined ? "" : `, ${call.text.replace(/\(.*/s, "")}`;
      return `CPU ${cpu.cpu} logged to the end (${nameOf(cpu.running!)}${doing})`;
    }),
    ...(busy.length > CPUS_NAMED ? [`${busy.length - CPUS_NAMED} more CPUs logged to the end`] : []),
    ...(idle.length === 0 ? [] : [idleText(idle, facts)]),
  ];
}

function idleText(idle: readonly CpuReport[], { duration, short }: AnswerFacts): string {
  const [first] = idle;
  const since = Number(first!.running!.for);
  if (idle.length === 1)
    return `CPU ${first!.cpu} was idle${since < short ? "" : ` for the last ${duration(first!.running!.for)}`}`;
  return `CPUs ${idle.map(({ cpu }) => cpu).join(", ")} were idle`;
}

/** What the CPU is in: its system call, and what holds it or else is innermost. */
function innermost(cpu: CpuReport, facts: AnswerFacts): string {
  const { duration } = facts;
  const call = cpu.stack.find(({ what }) => what === "syscall");
  const inner = held(cpu, facts) ?? cpu.stack.at(-1);
  const of = (open: { what: string; text: string; for: string }): string => {
    const what = open.what === "syscall" ? "system call" : open.what;
    return `${what} ${open.what === "syscall" ? open.text.replace(/\(.*/s, "") : functionOf(open.text)} (${duration(open.for)})`;
  };
  if (inner === undefined) return "";
  return call === undefined || call === inner ? of(inner) : `${of(call)}, ${of(inner)}`;
}

function nameOf({ comm, pid }: { comm: string; pid: number }): string {
  if (pid === 0) return "the idle task";
  return comm === UNKNOWN ? `pid ${pid}` : `${comm}-${pid}`;
}

function listed(parts: readonly string[], more: number): string {
  if (more > 0) return `${parts.join(", ")} and ${more} more`;
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
