// A thread that helps a command: it runs the same command line, and says nothing but to who started it.
import { parentPort, workerData } from "node:worker_threads";
import { COMMANDS } from "./commands/index.js";
import { ExitStatus } from "./ground/exit-status.js";
import type { Io } from "./io.js";
import { dispatch, withoutDebug } from "./program.js";
import type { Screen } from "./threads.js";

const port = parentPort!;
const said: unknown[] = [];
let wake = (): void => {};
port.on("message", (message) => {
  said.push(message);
  wake();
});

const io: Io = {
  write: async () => {},
  flush: async () => {},
  note: () => {},
  again: () => Promise.reject(new Error("a thread runs no processes")),
  threads: async () => [],
  helping: {
    post: (message) => port.postMessage(message),
    async next() {
      while (said.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return said.shift();
    },
  },
  stdinIsTerminal: false,
  stderrIsTerminal: false,
  env: process.env,
  ...(workerData as Screen),
};

void dispatch(withoutDebug(process.argv.slice(2)), { io, commands: COMMANDS, status: ExitStatus.Fine });
