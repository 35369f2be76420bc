import { follow, type Tracker } from "../../src/derive/follow.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { type EventFormat, parseFormat } from "../../src/system/formats/parse-format.js";
import { openTrace } from "../../src/trace/open.js";
import type { Trace } from "../../src/trace/trace.js";
import { LE64, madeImage, type Part, payload } from "./made-events.js";

/** Events as the kernel's formats have them, reduced to the fields that trackers read; text fields come last. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  "sched:sched_switch": ["int prev_pid", "int next_pid", "long prev_state", "int prev_prio", "int next_prio"],
  "sched:sched_waking": ["int pid", "int target_cpu"],
  "sched:sched_wakeup": ["int pid", "int target_cpu"],
  "sched:sched_migrate_task": ["int pid", "int dest_cpu"],
  "sched:sched_process_fork": ["int parent_pid", "int child_pid"],
  "sched:sched_process_exit": ["int pid"],
  "sched:sched_process_free": ["int pid"],
  "raw_syscalls:sys_enter": ["long id", "unsigned long args[6]"],
  "raw_syscalls:sys_exit": ["long id", "long ret"],
  "irq:irq_handler_entry": ["int irq"],
  "irq:irq_handler_exit": ["int irq", "int ret"],
  "irq:softirq_entry": ["unsigned int vec"],
  "irq:softirq_exit": ["unsigned int vec"],
  "workqueue:workqueue_execute_start": ["void * work", "void * function"],
  "workqueue:workqueue_execute_end": ["void * work", "void * function"],
  "block:block_rq_issue": ["unsigned int dev", "u64 sector"],
  "block:block_rq_complete": ["unsigned int dev", "u64 sector"],
  "test:nothing": ["int value"],
};

const FIRST_ID = 100;
const sizeOf = (declaration: string): number =>
  /\[6\]/.test(declaration) ? 48 : /long|\*|u64/.test(declaration) ? 8 : 4;

/** Fields from offset 8 on, each where its size lets it lie. */
function fieldsOf(name: string): { declaration: string; field: string; offset: number; size: number }[] {
  let at = 8;
  return EVENTS[name]!.map((declaration) => {
    const size = sizeOf(declaration);
    at = Math.ceil(at / Math.min(size, 8)) * Math.min(size, 8);
    const offset = at;
    at += size;
    return { declaration, field: /(\w+)(?:\[\d+\])?$/.exec(declaration)![1]!, offset, size };
  });
}

export const STORY_FORMATS: ReadonlyMap<number, EventFormat> = new Map(
  Object.keys(EVENTS).map((full, i) => {
    const [system, name] = full.split(":") as [string, string];
    const common = [
      "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;",
      "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;",
      "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;",
      "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;",
    ];
    const own = fieldsOf(full).map(
      ({ declaration, offset, size }) =>
        `\tfield:${declaration};\toffset:${offset};\tsize:${size};\tsigned:${/unsigned|u64|\*/.test(declaration) ? 0 : 1};`,
    );
    const text = `name: ${name}\nID: ${FIRST_ID + i}\nformat:\n${common.join("\n")}\n\n${own.join("\n")}\n\nprint fmt: "${name}"\n`;
    return [FIRST_ID + i, parseFormat(text, LE64, system)];
  }),
);

/** One event: CPU, time in microseconds, pid, `name`, its fields; flags and preempt_count where they matter. */
export type Told = readonly [
  cpu: number,
  us: number,
  pid: number,
  name: string,
  fields?: Readonly<Record<string, number | bigint>>,
  flags?: number,
  preempt?: number,
];

/** A trace of these events; times are those of the trace, from 1 s on. */
export function story(told: readonly Told[], cpus = 1 + Math.max(...told.map(([cpu]) => cpu))): Trace {
  const image = madeImage(
    LE64,
    Array.from({ length: cpus }, (_, cpu) => (page) => {
      let before = 0;
      for (const [, us, pid, name, fields = {}, flags = 0, preempt = 0] of told.filter((each) => each[0] === cpu)) {
        const full = Object.keys(EVENTS).find((key) => key.endsWith(`:${name}`))!;
        const parts: Part[] = [];
        let at = 8;
        for (const { field, offset, size } of fieldsOf(full)) {
          for (; at < offset; at++) parts.push([1, 0]);
          if (size === 48) for (let i = 0; i < 6; i++) parts.push([8, i]);
          else parts.push([size as 4 | 8, fields[field] ?? 0]);
          at += size;
        }
        const type = FIRST_ID + Object.keys(EVENTS).indexOf(full);
        const delta = us * 1000 - before;
        if (delta >= 2 ** 27) page.timeExtend(BigInt(delta));
        page.event(delta >= 2 ** 27 ? 0 : delta, payload(LE64, type, pid, parts, flags, preempt));
        before = us * 1000;
      }
    }),
  );
  return openTrace(readImage(new MemorySource(image)), { release: "7.3.4", formats: STORY_FORMATS });
}

/** Lets trackers follow a story. */
export function told(events: readonly Told[], ...trackers: readonly Tracker[]): Trace {
  const trace = story(events);
  follow(trace.events(), trace.kinds, trackers);
  return trace;
}

/** Microseconds of an event, as the story gave them. */
export function us({ t }: { readonly t: number }): number {
  return Math.round((t - 1e9) / 1000);
}
