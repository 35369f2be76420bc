import type { TraceEvent } from "../../events/event.js";
import { KeptEvent } from "../../events/kept-event.js";
import type { SyscallNames } from "../../system/syscalls/names.js";
import type { Tracker, Watch } from "../follow.js";
import type { EventKind, NumberOf } from "../kinds.js";
import { PerContext } from "../per-context.js";

/** A system call that a task is in. */
export class OpenCall {
  /** Its sys_enter; a task in no call has none that counts (see `open`). */
  readonly enter = new KeptEvent();
  open = false;
  /** The number; -1 where the event is of the call itself and says none. */
  nr = -1;
  name: string | undefined;
}

/** A call returned. */
export type ReturnedListener = (call: OpenCall, exit: TraceEvent) => void;

/** The calls that never return: a task in one is at its end, not waiting. */
const NO_RETURN: ReadonlySet<string | undefined> = new Set(["exit", "exit_group"]);

export function neverReturns({ name }: OpenCall): boolean {
  return NO_RETURN.has(name);
}

/** The system calls that have begun and not ended, by task: raw_syscalls, or the events of each call. */
export class OpenCalls implements Tracker {
  private readonly calls = new PerContext(() => new OpenCall());

  constructor(
    private readonly names: SyscallNames,
    private readonly returned?: ReturnedListener,
  ) {}

  /** The call that a task is in. */
  of(pid: number): OpenCall | undefined {
    const call = pid > 0 ? this.calls.get(pid, 0) : undefined;
    return call?.open ? call : undefined;
  }

  *all(): Generator<readonly [pid: number, call: OpenCall]> {
    for (const [pid, call] of this.calls) if (call.open) yield [pid, call];
  }

  watch(kind: EventKind): Watch | undefined {
    const { system, name } = kind;
    if (system === "raw_syscalls" && name === "sys_enter") return this.enters(kind.number("id"), undefined);
    if (system === "syscalls" && name.startsWith("sys_enter_"))
      return this.enters(kind.number("__syscall_nr"), name.slice("sys_enter_".length));
    // What returns from a signal handler has lost its number (-1): it ends whatever was begun.
    if (name.startsWith("sys_exit") && (system === "raw_syscalls" || system === "syscalls"))
      return (event) => this.exits(event);
    if (system !== "sched") return undefined;
    if (name === "sched_process_exit") return (event) => this.dies(event);
    const pid = kind.number(name === "sched_process_fork" ? "child_pid" : "pid");
    if (name === "sched_process_free" || name === "sched_process_fork")
      return pid && ((event) => this.calls.drop(pid(event)));
    return undefined;
  }

  private enters(id: NumberOf | undefined, name: string | undefined): Watch {
    return (event) => {
      const call = this.calls.of(event);
      if (call === undefined || event.pid <= 0) return;
      call.enter.take(event);
      call.nr = id === undefined ? -1 : id(event);
      call.name = name ?? this.names[call.nr];
      call.open = true;
    };
  }

  private exits(event: TraceEvent): void {
    const call = this.calls.of(event);
    if (!call?.open) return;
    call.open = false;
    this.returned?.(call, event);
  }

  /** do_exit(): whatever the task was in, it does not go back to. */
  private dies(event: TraceEvent): void {
    const call = this.calls.of(event);
    if (call !== undefined) call.open = false;
  }
}
