import { UNKNOWN } from "../../events/lessons.js";
import { plural } from "../../ground/plural.js";
import type { CpuReport } from "./cpus.js";
import { handlerName } from "./handler-name.js";
import type { queuedWork } from "./queued.js";
import { type OpenCall, shutdown } from "./shutdown.js";
import type { TaskReport } from "./tasks.js";

/** What the answer is made of. */
export interface Scene {
  readonly cpus: readonly CpuReport[];
  readonly waiting: readonly TaskReport[];
  readonly blocked: readonly TaskReport[];
  /** Asleep otherwise. */
  readonly sleeping: readonly TaskReport[];
  /** Work that has not begun. */
  readonly queued: ReturnType<typeof queuedWork>;
  /** A length of time in words, of a number of the clock's units. */
  duration(units: string): string;
  /** What was said in words, oldest first. */
  readonly messages: readonly string[];
  /** The trace has switches of tasks: otherwise nobody knows which CPU idled. */
  readonly switches: boolean;
  /** The file lacks sub-buffers: what was logged last may have been in them. */
  readonly cut: boolean;
  /** The clock's units in 10 ms: what is shorter is no silence and no wait. */
  readonly short: number;
}

/** A CPU that is silent for less has logged to the end; a wait or a D state that is shorter is everyday. */
const LONG_WAIT = 5;
/** Work may sleep, but not for this long. */
const LONG_WORK = 50;
/** A wish to reschedule that is not heeded for so long, or preemption that is off. */
const LONG_IGNORED = 10;
/** A CPU that logged so many ticks logs them as long as it is busy and takes interrupts. */
const TICKING = 10;
/** Tasks named in the answer. */
const NAMED = 2;

/** Line one: who is to be looked at first. */
export function answer(scene: Scene): string {
  const { cpus } = scene;
  const known = cpus.filter(({ last }) => last !== null);
  if (known.length === 0) return "no events";
  const torn = known.filter((cpu) => cpu.torn && isSilent(cpu, scene));
  const silent = known.filter((cpu) => !cpu.torn && isSilent(cpu, scene) && !isIdle(cpu));
  const starving = known.filter((cpu) => !torn.includes(cpu) && !silent.includes(cpu) && isHogged(cpu, scene));
  const rest = known.filter((cpu) => ![torn, silent, starving].some((each) => each.includes(cpu)));
  const told = scene.waiting.filter(({ cpu }) => [...silent, ...starving].some((each) => each.cpu === cpu));
  return [
    ...(scene.cut ? ["the file is cut short: the end may not be in it"] : []),
    ...panics(scene),
    ...shutdown(scene.messages, openCalls(scene)),
    ...torn.map((cpu) => unreadable(cpu, scene)),
    ...silent.map((cpu) => silence(cpu, scene)),
    ...starving.map((cpu) => starvation(cpu, scene)),
    ...stuck(scene),
    ...waits(scene, told),
    ...ends(rest, scene),
  ].join("; ");
}

/** The kernel's own last words, where the console was traced. */
function panics({ messages }: Scene): string[] {
  const said = messages.map((text) => /Kernel panic - not syncing: (.*)/.exec(text)?.[1]).findLast(Boolean);
  return said === undefined ? [] : [`kernel panic: ${said}`];
}

/** The system calls of those who run, then of those who do not. */
function openCalls({ cpus, waiting, blocked, sleeping }: Scene): OpenCall[] {
  return [
    ...cpus.flatMap(({ running, stack }) =>
      stack.filter(({ what }) => what === "syscall").map(({ text }) => ({ task: nameOf(running!), text })),
    ),
    ...[...waiting, ...blocked, ...sleeping].flatMap((task) =>
      task.call === null ? [] : [{ task: nameOf(task), text: task.call.text }],
    ),
  ];
}

/** It runs the idle task, with nothing to do: in no interrupt that has not ended, and not asked to reschedule. */
function isIdle({ running, context, stack }: CpuReport): boolean {
  const busy = context === null || context.needResched;
  return running?.pid === 0 && !busy && stack.every(({ what }) => what === "function");
}

function isSilent({ beforeEnd }: CpuReport, { short }: Scene): boolean {
  return Number(beforeEnd) >= short;
}

/** Something keeps it from others: it has been in it for long, or somebody waits for long. */
function isHogged(cpu: CpuReport, scene: Scene): boolean {
  const { context } = cpu;
  const { short } = scene;
  return (
    starvers(cpu, scene).length > 0 ||
    held(cpu, scene) !== undefined ||
    lasts(context?.irqsOffStretch, short * LONG_WAIT, scene) ||
    lastsDensely(context?.preemptOffStretch, short * LONG_IGNORED, scene) ||
    lastsDensely(context?.needReschedStretch, short * LONG_IGNORED, scene)
  );
}

type FlagStretch = NonNullable<CpuReport["context"]>["irqsOffStretch"];

/** It goes on for so long. Without switches in the trace, the task may have slept in between. */
function lasts(
  stretch: FlagStretch | undefined,
  least: number,
  { switches }: Scene,
): stretch is NonNullable<FlagStretch> {
  return switches && stretch !== null && stretch !== undefined && Number(stretch.for) >= least;
}

/** Its events are close as well: between two that are not, a flag that no interrupt contradicts may have been clear. */
function lastsDensely(
  stretch: FlagStretch | undefined,
  least: number,
  scene: Scene,
): stretch is NonNullable<FlagStretch> {
  return lasts(stretch, least, scene) && Number(stretch.for) / stretch.events <= scene.short * LONG_WAIT;
}

/** What it logged last is torn: it may not have been silent at all. */
function unreadable({ cpu, beforeEnd, running }: CpuReport, { duration }: Scene): string {
  return `CPU ${cpu}'s last events cannot be read: the last that can is ${duration(beforeEnd!)} before the end, in ${nameOf(running!)}`;
}

/** `in ls-5111, system call getdents64 (73.9 ms)` */
function silence(cpu: CpuReport, scene: Scene): string {
  const doing = innermost(cpu, scene);
  if (!scene.switches)
    return `CPU ${cpu.cpu} logged nothing in the last ${scene.duration(cpu.beforeEnd!)}, before that in ${nameOf(cpu.running!)}${doing === "" ? "" : `, ${doing}`}${nmiText(cpu)} (no sched_switch tells whether it was idle)`;
  return (
    `CPU ${cpu.cpu} fell silent ${scene.duration(cpu.beforeEnd!)} before the end, in ${nameOf(cpu.running!)}` +
    (doing === "" ? "" : `, ${doing}`) +
    nmiText(cpu) +
    flagsText(cpu, scene) +
    tickText(cpu, scene) +
    waitersText(cpu, scene)
  );
}

/** A busy CPU that takes interrupts ticks. */
function tickText({ ticks, beforeEnd, context }: CpuReport, { short }: Scene): string {
  const ticked = ticks >= TICKING && Number(beforeEnd) >= short * LONG_WAIT;
  return ticked && !context!.irqsOff ? ", without a tick since" : "";
}

/** Who waits for a CPU for long. Where events are lost: for what it runs, as far as is known. */
function starvers({ cpu, running }: CpuReport, { waiting, short }: Scene): TaskReport[] {
  return waiting.filter(
    (task) =>
      task.cpu === cpu &&
      Number(task.for) >= short * LONG_WAIT &&
      (task.certain || Number(task.for) <= Number(running!.for)),
  );
}

function starvation(cpu: CpuReport, scene: Scene): string {
  const { running } = cpu;
  const realTime = running!.prio !== null && running!.prio < 100 ? " (real-time)" : "";
  const doing = innermost(cpu, scene);
  const ran = isIdle(cpu)
    ? `CPU ${cpu.cpu} was idle`
    : `CPU ${cpu.cpu} ran ${nameOf(running!)}${realTime} for ${running!.atLeast ? "at least " : ""}the last ${scene.duration(running!.for)}${doing === "" ? "" : `, ${doing}`}`;
  return ran + flagsText(cpu, scene) + waitersText(cpu, scene) + queuedText(cpu, scene);
}

/** `, interrupts off`, with since when where that is long; else what keeps others from the CPU, where nothing it is in does. */
function flagsText(cpu: CpuReport, scene: Scene): string {
  const { irqsOff, irqsOffStretch, preemptOffStretch, needReschedStretch } = cpu.context!;
  const { duration, short } = scene;
  if (lasts(irqsOffStretch, short, scene)) return `, interrupts off for ${duration(irqsOffStretch.for)}`;
  if (lastsDensely(preemptOffStretch, short * LONG_IGNORED, scene))
    return `, preemption off for ${duration(preemptOffStretch.for)}`;
  // Of a CPU that logs on, that is its last interrupt.
  if (irqsOff && isSilent(cpu, scene)) return ", interrupts off";
  if (held(cpu, scene) !== undefined || !lastsDensely(needReschedStretch, short * LONG_IGNORED, scene)) return "";
  return `, asked to reschedule for ${duration(needReschedStretch.for)}`;
}

/** An interrupt, a soft interrupt, a timer or work that has been going on for long. */
function held({ stack }: CpuReport, { short }: Scene): CpuReport["stack"][number] | undefined {
  return stack.find(({ what, certain, for: time }) => certain && !OUTER.has(what) && Number(time) >= short * LONG_WAIT);
}

/** What may go on for as long as it likes. */
const OUTER: ReadonlySet<string> = new Set(["syscall", "function"]);

function waitersText(cpu: CpuReport, scene: Scene): string {
  const tasks = starvers(cpu, scene);
  if (tasks.length === 0) return "";
  const named = tasks.slice(0, NAMED).map((task) => `${nameOf(task)} (${scene.duration(task.for)})`);
  const more = tasks.length - named.length;
  return `, while ${listed(named, more)} waited for it${hedge(tasks)}`;
}

/** Whose end may be among events that are lost. */
function hedge(claims: readonly { readonly certain: boolean }[]): string {
  return claims.every(({ certain }) => certain) ? "" : " as far as is known";
}

/** The CPU's work that waits behind what it does. */
function queuedText({ cpu }: CpuReport, { queued, duration, short }: Scene): string {
  const work = queued.filter((each) => each.certain && each.cpu === cpu && Number(each.for) >= short * LONG_WAIT);
  const named = work.slice(0, NAMED).map((each) => `${handlerName(each.text)} (${duration(each.for)})`);
  return work.length === 0 ? "" : `, with work ${listed(named, work.length - named.length)} not begun`;
}

/** Tasks in D for long, and those that sleep in a work item for long. */
function stuck(scene: Scene): string[] {
  const tasks = [
    ...scene.blocked.filter((task) => Number(task.for) >= scene.short * LONG_WAIT),
    ...scene.sleeping.filter(({ work }) => work !== null && Number(work.for) >= scene.short * LONG_WORK),
  ];
  if (tasks.length === 0) return [];
  const named = tasks.slice(0, NAMED).map((task) => {
    const { work, call, state } = task;
    const inside =
      work !== null ? `, in work ${handlerName(work.text)}` : call === null ? "" : `, in ${call.name ?? call.text}`;
    return `${nameOf(task)} was ${state === "D" ? "in D" : "asleep"} for ${scene.duration(task.for)}${inside}${hedge([task])}`;
  });
  const more = tasks.length - named.length;
  return more === 0 ? named : [...named, `${more} more are stuck`];
}

/** Those who waited long for no CPU that is told of. */
function waits(scene: Scene, told: readonly TaskReport[]): string[] {
  const long = (task: TaskReport): boolean => task.certain && Number(task.for) >= scene.short * LONG_WAIT;
  const tasks = scene.waiting.filter((task) => long(task) && !told.includes(task));
  if (tasks.length === 0) return [];
  return [
    listed(
      tasks.slice(0, NAMED).map((task) => `${nameOf(task)} waited for a CPU (${scene.duration(task.for)})`),
      Math.max(0, tasks.length - NAMED),
    ),
  ];
}

/** CPUs named one by one. */
const CPUS_NAMED = 3;

function ends(cpus: readonly CpuReport[], scene: Scene): string[] {
  const busy = cpus.filter((cpu) => !isIdle(cpu));
  const idle = cpus.filter(isIdle);
  const interrupted = idle.filter(inNmi);
  const quiet = idle.filter((cpu) => !inNmi(cpu));
  return [
    ...busy.slice(0, CPUS_NAMED).map((cpu) => {
      const call = cpu.stack.find(({ what }) => what === "syscall");
      const doing = call === undefined ? "" : `, ${call.text.replace(/\(.*/s, "")}`;
      return `CPU ${cpu.cpu} logged to the end (${nameOf(cpu.running!)}${doing}${nmiText(cpu)})`;
    }),
    ...(busy.length > CPUS_NAMED ? [`${plural(busy.length - CPUS_NAMED, "more CPU")} logged to the end`] : []),
    ...interrupted.slice(0, CPUS_NAMED).map((cpu) => `CPU ${cpu.cpu} was idle${nmiText(cpu)}`),
    ...(interrupted.length > CPUS_NAMED ? [`${interrupted.length - CPUS_NAMED} more so`] : []),
    ...(quiet.length === 0 ? [] : [idleText(quiet, scene)]),
  ];
}

/** Its last event was in what nothing in the trace leads to: a watchdog, a button, another CPU that wants to know. */
function inNmi({ context }: CpuReport): boolean {
  return context?.nmi === true;
}

function nmiText(cpu: CpuReport): string {
  return inNmi(cpu) ? ", in an NMI" : "";
}

function idleText(idle: readonly CpuReport[], { duration, short }: Scene): string {
  const [first] = idle;
  const since = Number(first!.running!.for);
  if (idle.length === 1)
    return `CPU ${first!.cpu} was idle${since < short ? "" : ` for the last ${duration(first!.running!.for)}`}`;
  return `CPUs ${idle.map(({ cpu }) => cpu).join(", ")} were idle`;
}

/** What the CPU is in: its system call, what holds it, and what is innermost. */
function innermost(cpu: CpuReport, scene: Scene): string {
  const stack = cpu.stack.filter(({ certain }) => certain);
  const call = stack.find(({ what }) => what === "syscall");
  const inside = [call, held(cpu, scene), stack.at(-1)].filter((open) => open !== undefined);
  return [...new Set(inside)]
    .map(({ what, text, for: time }) => {
      const name = what === "syscall" ? `system call ${text.replace(/\(.*/s, "")}` : `${what} ${handlerName(text)}`;
      return `${name} (${scene.duration(time)})`;
    })
    .join(", ");
}

function nameOf({ comm, pid }: { comm: string; pid: number }): string {
  if (pid === 0) return "the idle task";
  return comm === UNKNOWN ? `pid ${pid}` : `${comm}-${pid}`;
}

function listed(parts: readonly string[], more: number): string {
  if (more > 0) return `${parts.join(", ")} and ${more} more`;
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
