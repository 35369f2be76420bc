import { expect, jest, test } from "@jest/globals";
import type { Io } from "../../src/io.js";
import { Progress } from "../../src/render/progress.js";

function run(stderrIsTerminal: boolean, msAStep: number): string {
  let notes = "";
  const io = { stderrIsTerminal, note: (text: string) => (notes += text) } as unknown as Io;
  jest.useFakeTimers({ now: 0 });
  try {
    const progress = new Progress(io, 10240);
    for (let i = 1; i <= 10240; i++) {
      jest.setSystemTime(i * msAStep);
      progress.step();
    }
    progress.done();
  } finally {
    jest.useRealTimers();
  }
  return notes;
}

test("progress is told only at a terminal, only where the work is slow, and cleared at the end", () => {
  expect(run(true, 1)).toMatch(
    /^\r\u001b\[Krbtool: 10% of 10240 sub-buffers\r.*100% of 10240 sub-buffers\r\u001b\[K$/s,
  );
  expect(run(true, 0.05)).toBe("");
  expect(run(false, 1)).toBe("");
});
