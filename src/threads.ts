import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { InputError } from "./ground/errors.js";

/** Who started this thread. */
export interface Starter {
  post(message: unknown): void;
  /** What it says, one message after the other. */
  next(): Promise<unknown>;
}

/** A thread that was started. */
export interface Thread {
  post(message: unknown): void;
  /** @param handle gets what it says, in order */
  listen(handle: (message: unknown) => void): void;
  /** @param handle told when it ended without being asked to */
  ended(handle: (error: unknown) => void): void;
  stop(): Promise<void>;
}

/** What decides how output looks. */
export interface Screen {
  readonly stdoutIsTerminal: boolean;
  /** Columns of the terminal; undefined when standard output is none. */
  readonly columns: number | undefined;
}

/**
 * MiB of V8's memory for a thread, far beyond what any of them needs. V8 lets the more garbage lie the more it may have, and
 * with many threads that is most of what they take.
 */
const LIMITS = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1024 };

/** Starts threads that run this process's own command line (helper.ts). */
export function startThreads(count: number, screen: Screen): readonly Thread[] {
  const [program, script] = process.argv as [string, string];
  // A single executable has no file that a thread could start with.
  if (script === program) return [];
  return Array.from({ length: count }, () => {
    const worker = new Worker(join(__dirname, "thread.cjs"), {
      argv: process.argv.slice(2),
      workerData: screen,
      stdout: true,
      stderr: true,
      resourceLimits: LIMITS,
    });
    return threadOf(worker);
  });
}

function threadOf(worker: Worker): Thread {
  let stopped = false;
  return {
    post: (message) => worker.postMessage(message),
    listen: (handle) => worker.on("message", handle),
    ended: (handle) => {
      worker.on("error", (error) => handle(asHere(error)));
      worker.on("exit", (status) => {
        if (!stopped) handle(new Error(`a thread ended with ${status}`));
      });
    },
    async stop() {
      stopped = true;
      await worker.terminate();
    },
  };
}

/** An error keeps its name on the way between threads, and not its class. */
function asHere(error: unknown): unknown {
  return error instanceof Error && error.name === "InputError" ? new InputError(error.message) : error;
}
