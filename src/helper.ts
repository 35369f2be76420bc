// A thread that helps a command: it runs the same command line, and says nothing but to who started it.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { COMMANDS } from "./commands/index.js";
import { ExitStatus } from "./ground/exit-status.js";
import type { Io } from "./io.js";
import { dispatch, withoutDebug } from "./program.js";
import type { ThreadData } from "./threads.js";

const port = parentPort!;
const { screen, told } = workerData as ThreadData;

const io: Io = {
  write: async () => {},
  flush: async () => {},
  note: () => {},
  again: () => Promise.reject(new Error("a thread runs no processes")),
  threads: async () => [],
  helping: {
    first() {
      Atomics.wait(new Int32Array(told), 0, 0);
      return receiveMessageOnPort(port)?.message;
    },
    post: (message) => port.postMessage(message),
    listen: (handle) => port.on("message", handle),
  },
  stdinIsTerminal: false,
  stderrIsTerminal: false,
  env: process.env,
  ...screen,
};

void dispatch(withoutDebug(process.argv.slice(2)), { io, commands: COMMANDS, status: ExitStatus.Fine });
