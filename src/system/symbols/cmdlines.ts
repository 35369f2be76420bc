import { latin1 } from "../../ground/latin1.js";

/** Whether a file begins with names of tasks. */
export function isCmdlines(file: Uint8Array): boolean {
  return /^\s*\d+ /m.test(latin1(file.subarray(0, 4096)));
}

/** A line, "PID COMM". A task's name has 15 bytes; ps tells more of a kernel's worker, in 63 (proc_task_name(), fs/proc/array.c). */
const LINE = /^\s*(\d+) (.{0,63})$/s;

/**
 * Parses saved_cmdlines: a line a task (kernel/trace/trace_sched_switch.c). A comm may hold spaces; what no task can be called is
 * no line of it.
 * @param text the file, one character a byte
 */
export function parseCmdlines(text: string): Map<number, string> {
  const out = new Map<number, string>();
  for (const line of text.split("\n")) {
    const m = LINE.exec(line);
    if (m !== null) out.set(Number(m[1]), m[2]!);
  }
  return out;
}
