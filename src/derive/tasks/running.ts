import type { TraceEvent } from "../../events/event.js";
import { KeptEvent } from "../../events/kept-event.js";
import type { Tracker, Watch } from "../follow.js";
import type { EventKind } from "../kinds.js";

/** What a CPU runs. */
export class Running {
  pid = -1;
  /** The priority that it was switched in with (0 to 99 is real-time); -1 where no switch was seen. */
  prio = -1;
  /** The switch to it; where none was seen (before the ring begins, lost), its first event: then it runs at least so long. */
  readonly since = new KeptEvent();
  exact = false;
  /** When the CPU logged last while it ran; where a loss ends the stretch, nothing is known from here on. */
  seen = 0;
  /** The task that a switch took the CPU from: it may still log until the next one does (context_switch()). */
  leaving = -1;
}

/** A stretch of a task on a CPU is over; the event behind a loss only says that it was by then (see `seen`). */
export type RanListener = (cpu: number, ran: Running, until: TraceEvent) => void;

/** The task that runs on each CPU, by sched_switch and by whose events come (common_pid is current's). */
export class RunningTasks implements Tracker {
  private readonly cpus: (Running | undefined)[] = [];
  /** Switches that were seen: without any, an idle CPU looks like one that is busy and silent. */
  switches = 0;

  constructor(private readonly ended?: RanListener) {}

  on(cpu: number): Running | undefined {
    return this.cpus[cpu];
  }

  every(event: TraceEvent): void {
    const running = this.cpus[event.cpu];
    const { pid, t } = event;
    if (running === undefined) {
      const first = new Running();
      this.cpus[event.cpu] = first;
      become(first, pid, event, false);
    } else if (pid === running.pid && event.lost === 0) running.leaving = -1;
    // A switch that was lost, or is not traced.
    else if (pid !== running.leaving || event.lost !== 0) {
      this.ended?.(event.cpu, running, event);
      become(running, pid, event, false);
    }
    this.cpus[event.cpu]!.seen = t;
  }

  watch(kind: EventKind): Watch | undefined {
    if (kind.name !== "sched_switch" || kind.system !== "sched") return undefined;
    const next = kind.number("next_pid");
    const prev = kind.number("prev_pid");
    const prio = kind.number("next_prio");
    if (next === undefined || prev === undefined) return undefined;
    return (event) => {
      const pid = next(event);
      const running = this.cpus[event.cpu]!;
      if (Number.isNaN(pid)) return;
      this.switches++;
      if (pid === running.pid) return;
      this.ended?.(event.cpu, running, event);
      become(running, pid, event, true);
      running.leaving = prev(event);
      running.prio = prio === undefined ? -1 : prio(event);
    };
  }
}

function become(running: Running, pid: number, event: TraceEvent, exact: boolean): void {
  running.pid = pid;
  running.since.take(event);
  running.exact = exact;
  running.leaving = -1;
  running.prio = -1;
}
