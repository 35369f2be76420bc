import type { Io } from "../io.js";
import type { SearchWishes } from "../locate/find.js";
import { SearchProgress } from "../render/progress.js";

/**
 * Does a search of memory: shows how far it is at a terminal, and lets Ctrl-C stop it, so that it can still say what it
 * has found. The process ends by that signal all the same.
 */
export async function searching<Result>(io: Io, work: (search: SearchWishes) => Promise<Result>): Promise<Result> {
  const progress = new SearchProgress(io);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once("SIGINT", onSignal);
  try {
    return await work({ signal: stop.signal, onProgress: (state) => progress.reached(state) });
  } finally {
    progress.done();
    process.off("SIGINT", onSignal);
  }
}
