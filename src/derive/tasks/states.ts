import type { TraceEvent } from "../../events/event.js";
import { KeptEvent } from "../../events/kept-event.js";
import type { Tracker, Watch } from "../follow.js";
import type { EventKind, NumberOf } from "../kinds.js";

/** runnable: woken or preempted, and not run since. blocked: asleep, in the state that sched_switch told. */
export type TaskPhase = "running" | "runnable" | "blocked" | "dead" | "unknown";

/** Tasks followed; a hostile image has a new one in every event. */
const MAX_TASKS = 65_536;

/** prev_state of sched_switch: what TASK_REPORT leaves, as a bit (__trace_sched_switch_state(), include/trace/events/sched.h). */
const STATES: readonly (readonly [bit: number, letter: string])[] = [
  [0x01, "S"],
  [0x02, "D"],
  [0x04, "T"],
  [0x08, "t"],
  [0x10, "X"],
  [0x20, "Z"],
  [0x40, "P"],
  [0x80, "I"],
];

function stateLetter(state: number): string {
  return STATES.find(([bit]) => (state & bit) !== 0)?.[1] ?? "R";
}

/** One task's life. */
export class TaskState {
  phase: TaskPhase = "unknown";
  /** R, S, D ... as ps tells it; empty where nothing does. */
  letter = "";
  /** What brought it into this phase. */
  readonly since = new KeptEvent();
  /** False where the phase is older than what is known. */
  exact = false;
  /** Why it is runnable: woken, or taken off the CPU. */
  preempted = false;
  /** Where it runs, or is to run. */
  cpu = -1;
  /** Since when it is to run there. */
  queued = 0;
  /** Its last own event that is not the scheduler's; position -1 where it had none. */
  readonly last = new KeptEvent();

  constructor(readonly pid: number) {}

  to(phase: TaskPhase, event: TraceEvent, exact = true): void {
    this.phase = phase;
    this.since.take(event);
    this.exact = exact;
  }
}

/** A task that was runnable got a CPU; its phase is still `runnable`. */
export type WaitedListener = (task: TaskState, until: TraceEvent) => void;

/**
 * Which tasks run, wait for a CPU or sleep, by the scheduler's events. A wakeup of a task that runs is none: it was about
 * to sleep and does not. sched_waking alone makes a task runnable too: a CPU that takes no interrupts never says the
 * sched_wakeup that would follow.
 */
export class TaskStates implements Tracker {
  private readonly tasks = new Map<number, TaskState>();
  /** By CPU: the task that runs there, and whom a switch left. */
  private readonly current: (TaskState | undefined)[] = [];
  private readonly leaving: number[] = [];
  /** By CPU: when it last had nothing to run. */
  private readonly idled: number[] = [];

  constructor(private readonly waited?: WaitedListener) {}

  get(pid: number): TaskState | undefined {
    return this.tasks.get(pid);
  }

  all(): IterableIterator<TaskState> {
    return this.tasks.values();
  }

  /** Its CPU had nothing to run after it was to run there: then it did run, or went elsewhere, unseen. */
  wasPassedOver({ cpu, queued }: TaskState): boolean {
    return (this.idled[cpu] ?? -1) > queued;
  }

  every(event: TraceEvent): void {
    const { pid, cpu } = event;
    if (pid <= 0) {
      this.leave(cpu, 0, event);
      return;
    }
    if (this.current[cpu]?.pid === pid && event.lost === 0) return;
    const task = this.of(pid);
    if (task !== undefined && (this.leaving[cpu] !== pid || event.lost !== 0)) this.runs(task, event, false);
  }

  /** The CPU's task gave way without a switch that was seen. */
  private leave(cpu: number, to: number, event: TraceEvent): void {
    const before = this.current[cpu];
    if (before === undefined || (this.leaving[cpu] === to && event.lost === 0)) return;
    if (before.phase === "running" && before.cpu === cpu) before.to("unknown", event, false);
    this.current[cpu] = undefined;
  }

  private runs(task: TaskState, event: TraceEvent, exact: boolean): void {
    const { cpu } = event;
    if (this.current[cpu] !== task) this.leave(cpu, task.pid, event);
    if (task.phase === "runnable" && exact) this.waited?.(task, event);
    if (task.phase !== "running" || task.cpu !== cpu || event.lost !== 0) task.to("running", event, exact);
    task.cpu = cpu;
    task.letter = "R";
    this.current[cpu] = task;
    this.leaving[cpu] = -1;
  }

  watch(kind: EventKind): Watch | undefined {
    if (kind.system !== "sched") return (event) => this.did(event);
    const pid = kind.number("pid");
    const target = kind.number("target_cpu");
    switch (kind.name) {
      case "sched_switch":
        return this.switches(kind);
      case "sched_waking":
      case "sched_wakeup":
      case "sched_wakeup_new":
        return pid && ((event) => this.wake(pid(event), target?.(event) ?? -1, event));
      case "sched_migrate_task": {
        const to = kind.number("dest_cpu");
        return pid && to && ((event) => this.migrate(pid(event), to(event), event.t));
      }
      case "sched_process_fork": {
        const child = kind.number("child_pid");
        return child && ((event) => this.tasks.delete(child(event)));
      }
      case "sched_process_free":
        return pid && ((event) => this.tasks.delete(pid(event)));
      default:
        return undefined;
    }
  }

  /** Its last event but for the scheduler's own, which are of every task. */
  private did(event: TraceEvent): void {
    const task = this.current[event.cpu];
    if (task?.pid === event.pid) task.last.take(event);
  }

  private switches(kind: EventKind): Watch | undefined {
    const prevPid = kind.number("prev_pid");
    const prevState = kind.number("prev_state");
    const nextPid = kind.number("next_pid");
    return prevPid && prevState && nextPid && ((event) => this.switch(event, prevPid, prevState, nextPid));
  }

  private switch(event: TraceEvent, prevPid: NumberOf, prevState: NumberOf, nextPid: NumberOf): void {
    const { cpu } = event;
    const from = prevPid(event);
    const state = prevState(event);
    const to = nextPid(event);
    const next = this.of(to);
    const prev = this.of(from);
    if (prev !== undefined) {
      const letter = stateLetter(state);
      prev.to(letter === "R" ? "runnable" : letter === "X" || letter === "Z" ? "dead" : "blocked", event);
      prev.letter = letter;
      prev.preempted = true;
      prev.cpu = cpu;
      prev.queued = event.t;
    }
    this.current[cpu] = undefined;
    if (to === 0) this.idled[cpu] = event.t;
    if (next !== undefined) this.runs(next, event, true);
    this.leaving[cpu] = from;
  }

  private wake(pid: number, target: number, event: TraceEvent): void {
    const task = this.of(pid);
    if (task === undefined) return;
    this.migrate(pid, target, event.t);
    if (task.phase === "running" || task.phase === "runnable") return;
    task.to("runnable", event);
    task.letter = "R";
    task.preempted = false;
    task.queued = event.t;
  }

  private migrate(pid: number, to: number, t: number): void {
    const task = this.tasks.get(pid);
    if (task === undefined || task.phase === "running" || to < 0 || to === task.cpu) return;
    task.cpu = to;
    task.queued = t;
  }

  /** None for the idle task, for what is no pid, and when there are too many. */
  private of(pid: number): TaskState | undefined {
    if (!(pid > 0)) return undefined;
    let task = this.tasks.get(pid);
    if (task === undefined && this.tasks.size < MAX_TASKS) {
      task = new TaskState(pid);
      this.tasks.set(pid, task);
    }
    return task;
  }
}
