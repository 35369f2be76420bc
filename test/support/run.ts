import type { Io } from "../../src/io.js";
import { main } from "../../src/program.js";

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Columns of the terminal that standard output is; left out, it is none. */
  readonly columns?: number;
  readonly env?: Record<string, string>;
}

/** Runs a command line in this process. */
export async function rbtool(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const out: Buffer[] = [];
  let stderr = "";
  const terminal = options.columns !== undefined;
  const io: Io = {
    async write(text) {
      out.push(Buffer.from(text as string));
    },
    flush: async () => {},
    note(text) {
      // Progress, which depends on the machine, is wiped from a terminal in the end.
      if (!text.startsWith("\r")) stderr += text;
    },
    again: (environment) => rbtool(args, { env: { ...options.env, ...environment } }),
    threads: async () => [],
    stdinIsTerminal: true,
    stdoutIsTerminal: terminal,
    stderrIsTerminal: terminal,
    columns: options.columns,
    env: { TERM: "xterm", ...options.env },
  };
  const status = await main(args, io);
  return { status, stdout: Buffer.concat(out).toString("utf8"), stderr };
}
