import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";

/** Whether a file begins with names of tasks. */
export function isCmdlines(file: Uint8Array): boolean {
  return /^\s*\d+ /m.test(latin1(file.subarray(0, 4096)));
}

/** A task's name has 15 bytes; ps tells more of a kernel's worker, in 63 (proc_task_name(), fs/proc/array.c). */
const MAX_NAME = 63;

/**
 * Parses saved_cmdlines: lines "PID COMM" (kernel/trace/trace_sched_switch.c). A comm may hold spaces. Throws InputError for a
 * name that no task has.
 * @param text the file, one character a byte
 */
export function parseCmdlines(text: string): Map<number, string> {
  const out = new Map<number, string>();
  for (const line of text.split("\n")) {
    const m = /^\s*(\d+) (.*)$/s.exec(line);
    if (m === null) continue;
    if (m[2]!.length > MAX_NAME)
      throw new InputError(
        `names of tasks: that of ${m[1]!.slice(0, MAX_NAME)} has ${m[2]!.length} bytes, and no task's more than ${MAX_NAME}`,
      );
    out.set(Number(m[1]), m[2]!);
  }
  return out;
}
