import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const SYSTEM = ["--system", "fixtures/deaths/panic/events.tar.gz"];
const IMAGE = "fixtures/deaths/panic/image.bin.gz";

test("a task has the name that it had in the end, not its parent's from before exec()", async () => {
  const stats = JSON.parse((await rbtool(["stats", ...SYSTEM, "--json", IMAGE])).stdout) as {
    tasks: { pid: number; comm: string }[];
  };
  const names = new Map(stats.tasks.map(({ pid, comm }) => [pid, comm]));
  // sched_switch names it init-148 first; it calls exec().
  expect(names.get(148)).toBe("spinner");
  const { stdout } = await rbtool(["events", ...SYSTEM, "--json-lines", IMAGE]);
  const last = new Map<number, string>();
  for (const line of stdout.trimEnd().split("\n")) {
    const { pid, comm } = JSON.parse(line) as { pid: number; comm: string };
    last.set(pid, comm);
  }
  for (const [pid, comm] of names) expect({ pid, comm }).toEqual({ pid, comm: last.get(pid) });
});
