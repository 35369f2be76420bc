import type { TraceEvent } from "../../events/event.js";
import type { Tracker } from "../follow.js";
import type { RunningTasks } from "../tasks/running.js";
import type { OpenCall, OpenCalls } from "./calls.js";

/** While the CPU ran a task, this was the call that it was in. */
export type InCallListener = (cpu: number, call: Pick<OpenCall, "name" | "nr">, from: number, to: number) => void;

/** One CPU's stretch in one call. */
class InCall {
  /** Where the call was entered; -1 in none. */
  position = -1;
  name: string | undefined;
  nr = -1;
  from = 0;
  to = 0;
}

/**
 * In which system call each CPU was: that of the task that it ran. As everywhere, the time between two events of a CPU
 * belongs to what was so at the first. Comes before the trackers that it asks in the list.
 */
export class CallsOnCpu implements Tracker {
  private readonly cpus: (InCall | undefined)[] = [];

  constructor(
    private readonly running: RunningTasks,
    private readonly calls: OpenCalls,
    private readonly ended: InCallListener,
  ) {}

  every({ cpu, t, lost }: TraceEvent): void {
    let stretch = this.cpus[cpu];
    if (stretch === undefined) {
      stretch = new InCall();
      this.cpus[cpu] = stretch;
    } else if (lost === 0) this.spend(cpu, stretch, t);
    else this.end(cpu, stretch);
    stretch.to = t;
  }

  /** What was at a CPU's last event lasts to the end. */
  finish(end: number): void {
    this.cpus.forEach((stretch, cpu) => {
      if (stretch === undefined) return;
      this.spend(cpu, stretch, end);
      stretch.to = end;
      this.end(cpu, stretch);
    });
  }

  /** From the CPU's last event up to a time. */
  private spend(cpu: number, stretch: InCall, until: number): void {
    const call = this.calls.of(this.running.on(cpu)?.pid ?? 0);
    const position = call === undefined ? -1 : call.enter.position;
    if (position === stretch.position || until <= stretch.to) return;
    this.end(cpu, stretch);
    if (call === undefined) return;
    stretch.position = position;
    stretch.name = call.name;
    stretch.nr = call.nr;
    stretch.from = stretch.to;
  }

  private end(cpu: number, stretch: InCall): void {
    if (stretch.position >= 0 && stretch.to > stretch.from) this.ended(cpu, stretch, stretch.from, stretch.to);
    stretch.position = -1;
  }
}
