import { type FieldGetter, fieldGetter } from "../events/field-access.js";
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

/** What a console line says when something is badly wrong. */
const ALARM =
  /Kernel panic|BUG:|Oops|Unable to handle|general protection|soft lockup|hard LOCKUP|blocked for more than|detected stalls|Out of memory/;
const ALARMS = 5;

/** The last of what was said in words; console lines of alarm are kept though much is said behind them. */
export class Messages implements Tracker {
  private readonly last: LastOnes;
  private readonly alarms = new LastOnes(ALARMS);

  constructor(
    most: number,
    private readonly littleEndian = true,
  ) {
    this.last = new LastOnes(most);
  }

  /** In the trace's order. */
  list(): readonly KeptEvent[] {
    const last = this.last.list();
    const places = new Set(last.map(({ position }) => position));
    return [...this.alarms.list().filter(({ position }) => !places.has(position)), ...last];
  }

  watch({ system, name, format }: EventKind): Watch | undefined {
    if (!SPEAKING.has(`${system}:${name}`)) return undefined;
    const field = name === "console" ? format?.fields.find((each) => each.name === "msg") : undefined;
    const text: FieldGetter | undefined = field && fieldGetter(field, this.littleEndian);
    return (event) => {
      this.last.add(event);
      const said = text?.(event);
      if (typeof said === "string" && ALARM.test(said)) this.alarms.add(event);
    };
  }
}
