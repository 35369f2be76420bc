import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

test.each([
  ["inspect", "--cpu"],
  ["events", "--cpu"],
  ["mmap-layout", "--cpu"],
  ["mmap-layout", "--online"],
  ["check", "--online"],
])("%s: a list of CPUs that is none is told with its own option, %s", async (command, option) => {
  for (const [list, what] of [
    ["x", "not a CPU list; write it like 0,2-3"],
    ["3-1", "3-1 goes backwards"],
  ]) {
    const { status, stderr } = await rbtool([command, option, list!, "none.bin"]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: `rbtool: ${option} ${list}: ${what}\n` });
  }
});
