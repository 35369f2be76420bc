import { latin1 } from "../../ground/latin1.js";

/** Whether a file begins with names of tasks. */
export function isCmdlines(file: Uint8Array): boolean {
  return /^\s*\d+ /m.test(latin1(file.subarray(0, 4096)));
}

/**
 * Parses saved_cmdlines: lines "PID COMM" (kernel/trace/trace_sched_switch.c). A comm may hold spaces.
 * @param text the file, one character a byte
 */
export function parseCmdlines(text: string): Map<number, string> {
  const out = new Map<number, string>();
  for (const line of text.split("\n")) {
    const m = /^\s*(\d+) (.*)$/s.exec(line);
    if (m !== null) out.set(Number(m[1]), m[2]!);
  }
  return out;
}
