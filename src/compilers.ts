import { readdirSync, readFileSync } from "node:fs";

/** Linux has a folder for each thread of a process, whose `stat` tells whether it runs (proc_pid_stat(5)). */
const THREADS = "/proc/self/task";
/** Looks, one behind another, at which no other thread runs: one that waited for this thread has gone on between them. */
const LOOKS = 3;
const PAUSE = 1;
/** In milliseconds: threads that are not V8's may run for longer, and keep the process by themselves. */
const MOST = 2000;

/**
 * Keeps the event loop until V8's compilers in the background are done. Node waits for them behind its end, and answers nothing
 * meanwhile: where one of them waits for garbage to be collected, both wait forever (nodejs/node issue 54918; with some images one
 * run in five did). Where nothing tells of threads, it ends soon.
 */
export async function compilersDone(): Promise<void> {
  const start = performance.now();
  for (let left = LOOKS; left > 0 && performance.now() - start < MOST; left = othersRun() ? LOOKS : left - 1)
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
}

function othersRun(): boolean {
  try {
    return readdirSync(THREADS).some((thread) => Number(thread) !== process.pid && runs(thread));
  } catch {
    return false;
  }
}

function runs(thread: string): boolean {
  const stat = readFileSync(`${THREADS}/${thread}/stat`, "latin1");
  return stat.startsWith("R", stat.lastIndexOf(")") + 2);
}
