import { spawn } from "node:child_process";

/** How a process ended, and all that it said. */
export interface RanAgain {
  /** 128 and the signal's number where a signal ended it, as shells say it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What of a process's output is kept. */
const MOST = 1024 * 1024;

/** Runs this process's own command line in a process of its own, with an addition to its environment. */
export function runAgain(environment: Readonly<Record<string, string>>): Promise<RanAgain> {
  const [program, script, ...words] = process.argv as [string, string, ...string[]];
  // A single executable is its own script.
  const args = script === program ? words : [...process.execArgv, script, ...words];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = [child.stdout, child.stderr].map((stream) => {
      const text = { all: "" };
      stream.setEncoding("utf8").on("data", (piece: string) => {
        if (text.all.length < MOST) text.all += piece;
      });
      return text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ status: code ?? 128 + (SIGNALS[signal ?? ""] ?? 0), stdout: texts[0]!.all, stderr: texts[1]!.all });
    });
  });
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
