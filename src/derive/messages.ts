import type { KeptEvent } from "../events/kept-event.js";
import type { Tracker, Watch } from "./follow.js";
import type { EventKind } from "./kinds.js";
import { LastOnes } from "./last-events.js";

/** Events that say in words what happens: markers, the console, and the kernel's own alarms. */
const SPEAKING: ReadonlySet<string> = new Set([
  "ftrace:print",
  "ftrace:bprint",
  "ftrace:bputs",
  "printk:console",
  "sched:sched_process_hang",
  "rcu:rcu_stall_warning",
  "error_report:error_report_end",
  "oom:mark_victim",
  "mce:mce_record",
  "ras:mc_event",
]);

/** The last of what was said in words. */
export class Messages implements Tracker {
  private readonly last: LastOnes;

  constructor(most: number) {
    this.last = new LastOnes(most);
  }

  list(): readonly KeptEvent[] {
    return this.last.list();
  }

  watch({ system, name }: EventKind): Watch | undefined {
    return SPEAKING.has(`${system}:${name}`) ? (event) => this.last.add(event) : undefined;
  }
}
