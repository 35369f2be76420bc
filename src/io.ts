import { isatty } from "node:tty";
import type { ColorSupportLevel } from "chalk";
import type { RanAgain } from "./again.js";
import { OutputError } from "./ground/errors.js";
import { fill } from "./ground/fill.js";
import { reasonOf } from "./ground/reason.js";
import { safeText } from "./ground/safe-text.js";
import type { Screen, Starter, Thread } from "./threads.js";

/** What a command needs of the process; tests give their own. */
export interface Io extends Screen {
  /** Writes to standard output; resolves when its memory may be used again. Rejects with OutputClosed when nobody reads on. */
  write(text: string | Uint8Array): Promise<void>;
  /** Resolves when all that was written is out; rejects as write() does. */
  flush(): Promise<void>;
  /** Writes to standard error. */
  note(text: string): void;
  /** Runs the same command line in a process of its own, with an addition to its environment. */
  again(environment: Readonly<Record<string, string>>): Promise<RanAgain>;
  /** Starts threads that run the same command line, up to where they help (`helping`); fewer where there can be none. */
  threads(count: number): Promise<readonly Thread[]>;
  /** In such a thread: the way to who started it. */
  readonly helping?: Starter;
  readonly stdinIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Standard output was closed by its reader (`| head`): not an error, but the end of the work. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Tells a person something beside the output, in one line; at a terminal it is filled. File names and what was typed are shown safely. */
export function tell(io: Io, message: string): void {
  const line = `rbtool: ${safeText(message)}`;
  io.note(io.stderrIsTerminal && io.columns ? `${fill(line, io.columns - 2).join("\n  ")}\n` : `${line}\n`);
}

export type ColorChoice = "auto" | "always" | "never";

/** chalk's level for standard output: the option decides, then NO_COLOR (any value but empty), then the terminal. */
export function colorLevel(io: Io, choice: ColorChoice): ColorSupportLevel {
  if (choice === "never") return 0;
  const depth = /-256(color)?$|^(xterm|screen|tmux)/.test(io.env.TERM ?? "") || io.env.COLORTERM ? 2 : 1;
  if (choice === "always") return depth;
  if (io.env.NO_COLOR || io.env.TERM === "dumb" || !io.stdoutIsTerminal) return 0;
  return depth;
}

/** The process's own streams. */
export function processIo(): Io {
  let failure: Error | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    failure ??= error.code === "EPIPE" ? new OutputClosed() : new OutputError(`standard output: ${reasonOf(error)}`);
  });
  let noted = false;
  const check = (): void => {
    if (failure) throw failure;
  };
  return {
    async write(text) {
      check();
      await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
      check();
    },
    async flush() {
      check();
      // The callback comes when this write, and so all before it, is out or has failed; the error event follows it.
      await new Promise<void>((resolve) => process.stdout.write("", () => setImmediate(resolve)));
      check();
    },
    note(text) {
      if (!noted) process.stderr.on("error", () => {});
      noted = true;
      process.stderr.write(text);
    },
    async again(environment) {
      const { runAgain } = await import("./again.js");
      return runAgain(environment);
    },
    async threads(count) {
      const { startThreads } = await import("./threads.js");
      const { stdoutIsTerminal, columns } = this;
      return startThreads(count, { stdoutIsTerminal, columns });
    },
    // Asked when somebody wants to know: node:tty loads node:net, and process.stdin would be made.
    get stdinIsTerminal() {
      return isatty(0);
    },
    stdoutIsTerminal: process.stdout.isTTY === true,
    get stderrIsTerminal() {
      return isatty(2);
    },
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    env: process.env,
  };
}
