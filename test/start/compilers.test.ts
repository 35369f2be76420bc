import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { expect, test } from "@jest/globals";
import { compilersDone } from "../../src/compilers.js";

const BUSY = `
  const { workerData } = require("node:worker_threads");
  Atomics.store(workerData, 0, 1);
  for (const start = Date.now(); Date.now() - start < 400; );
  Atomics.store(workerData, 0, 2);
`;

test("the end waits for threads that are at work", async () => {
  // Elsewhere nothing tells of threads.
  expect(existsSync("/proc/self/task")).toBe(process.platform === "linux");
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(BUSY, { eval: true, workerData: state });
  while (Atomics.load(state, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await compilersDone();
  expect(Atomics.load(state, 0)).toBe(process.platform === "linux" ? 2 : 1);
  await worker.terminate();
});
