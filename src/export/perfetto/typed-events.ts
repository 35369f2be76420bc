/** An event that Perfetto's schema knows (protos/perfetto/trace/ftrace/, v55): its field in FtraceEvent, and its own by name. */
export interface TypedEvent {
  readonly field: number;
  readonly fields: Readonly<Record<string, number>>;
}

const WAKEUP = { comm: 1, pid: 2, prio: 3, success: 4, target_cpu: 5 };
const SOFTIRQ = { vec: 1 };

/** Those that its SQL tables are made of, as system:name; all others describe themselves. */
export const TYPED_EVENTS: Readonly<Record<string, TypedEvent>> = {
  "ftrace:print": { field: 3, fields: { ip: 1, buf: 2 } },
  "ftrace:funcgraph_entry": { field: 437, fields: { depth: 1, func: 2 } },
  "ftrace:funcgraph_exit": { field: 438, fields: { calltime: 1, depth: 2, func: 3, overrun: 4, rettime: 5 } },
  "sched:sched_switch": {
    field: 4,
    fields: {
      prev_comm: 1,
      prev_pid: 2,
      prev_prio: 3,
      prev_state: 4,
      next_comm: 5,
      next_pid: 6,
      next_prio: 7,
    },
  },
  "sched:sched_wakeup": { field: 17, fields: WAKEUP },
  "sched:sched_waking": { field: 20, fields: WAKEUP },
  "sched:sched_wakeup_new": { field: 114, fields: WAKEUP },
  "sched:sched_process_exec": { field: 237, fields: { filename: 1, pid: 2, old_pid: 3 } },
  "sched:sched_process_exit": { field: 238, fields: { comm: 1, pid: 2, tgid: 3, prio: 4 } },
  "sched:sched_process_fork": {
    field: 239,
    fields: { parent_comm: 1, parent_pid: 2, child_comm: 3, child_pid: 4 },
  },
  "sched:sched_process_free": { field: 240, fields: { comm: 1, pid: 2, prio: 3 } },
  "task:task_newtask": { field: 235, fields: { pid: 1, comm: 2, clone_flags: 3, oom_score_adj: 4 } },
  "task:task_rename": { field: 236, fields: { pid: 1, oldcomm: 2, newcomm: 3, oom_score_adj: 4 } },
  "power:cpu_frequency": { field: 11, fields: { state: 1, cpu_id: 2 } },
  "power:cpu_idle": { field: 13, fields: { state: 1, cpu_id: 2 } },
  "irq:softirq_entry": { field: 24, fields: SOFTIRQ },
  "irq:softirq_exit": { field: 25, fields: SOFTIRQ },
  "irq:softirq_raise": { field: 26, fields: SOFTIRQ },
  "irq:irq_handler_entry": { field: 36, fields: { irq: 1, name: 2 } },
  "irq:irq_handler_exit": { field: 37, fields: { irq: 1, ret: 2 } },
  "workqueue:workqueue_execute_end": { field: 57, fields: { work: 1, function: 2 } },
  "workqueue:workqueue_execute_start": { field: 58, fields: { work: 1, function: 2 } },
  "signal:signal_generate": {
    field: 325,
    fields: { code: 1, comm: 2, group: 3, pid: 4, result: 5, sig: 6 },
  },
  "raw_syscalls:sys_enter": { field: 329, fields: { id: 1, args: 2 } },
  "raw_syscalls:sys_exit": { field: 330, fields: { id: 1, ret: 2 } },
};
