import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { InputError } from "./ground/errors.js";

/** A way to another thread. */
export interface Port {
  post(message: unknown): void;
  /** @param handle gets what comes, in order; also what came before */
  listen(handle: (message: unknown) => void): void;
}

/** Who started this thread. */
export interface Starter extends Port {
  /** The first message: waits for it, and nothing else goes on until then. */
  first(): unknown;
}

/** A thread that was started. */
export interface Thread extends Port {
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

/** What a thread begins with. */
export interface ThreadData {
  readonly screen: Screen;
  /** One word: not zero when the first message is there. */
  readonly told: SharedArrayBuffer;
}

/** Starts threads that run this process's own command line (helper.ts). */
export function startThreads(count: number, screen: Screen): readonly Thread[] {
  const [program, script] = process.argv as [string, string];
  // A single executable has no file that a thread could start with.
  if (script === program) return [];
  return Array.from({ length: count }, () => {
    const told = new SharedArrayBuffer(4);
    const workerData: ThreadData = { screen, told };
    const worker = new Worker(join(__dirname, "thread.cjs"), {
      argv: process.argv.slice(2),
      workerData,
      stdout: true,
      stderr: true,
    });
    return threadOf(worker, new Int32Array(told));
  });
}

function threadOf(worker: Worker, told: Int32Array): Thread {
  let stopped = false;
  return {
    post(message) {
      worker.postMessage(message);
      if (Atomics.exchange(told, 0, 1) === 0) Atomics.notify(told, 0);
    },
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
