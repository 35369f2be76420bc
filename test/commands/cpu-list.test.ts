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

test.each([
  ["check"],
  ["recover", "-k", "7.3", "-o", "-"],
  ["mmap-layout"],
  ["diff"],
  ["events", "--no-live", "--as-kernel", "-k", "7.3"],
])("%s: CPUs that no such boot has do not come up: they are a slip", async (...words) => {
  const { status, stderr } = await rbtool([...words, "--online", "0,7", "fixtures/dumps/v7.3-few/image.bin.gz"]);
  expect({ status, stderr }).toEqual({ status: 2, stderr: "rbtool: --online: that boot has CPUs 0 to 1, not 7\n" });
});

test.each([["inspect"], ["events", "--no-live"]])(
  "%s: what a kernel shows is of the CPUs of its boot, however many the writer had",
  async (...words) => {
    const line = [...words, "--as-kernel", "-k", "7.3.4", "fixtures/dumps/v7.3-few/image.bin.gz"];
    const more = await rbtool([...line, "--boot-cpus", "4", "--cpu", "3"]);
    expect(more.status).toBe(0);
    const { status, stderr } = await rbtool([...line, "--boot-cpus", "1", "--cpu", "1"]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: "rbtool: --cpu: that boot has CPUs 0 to 0, not 1\n" });
  },
);

test.each([
  ["0", 1, ["[000]"]],
  ["0-1", 2, ["[000]", "[001]"]],
])("a kernel prints the events of the CPUs alone that come up: %s", async (list, count, of) => {
  const words = ["events", "--no-live", "--as-kernel", "-k", "7.3.4", "--online", list];
  const { stdout } = await rbtool([...words, "fixtures/dumps/v7.3-read/image.bin.gz"]);
  const cpus = stdout.match(/ \[\d+\] /g)!.map((cpu) => cpu.trim());
  expect([...new Set(cpus)].sort()).toEqual(of);
  expect(stdout).toContain(`# entries-in-buffer/entries-written: ${cpus.length}/${cpus.length}   #P:${count}\n`);
});

test("an option that takes a list can be given again, for more", async () => {
  const image = "fixtures/dumps/v7.3-read/image.bin.gz";
  const counted = async (...words: string[]): Promise<number> =>
    JSON.parse((await rbtool(["stats", "--no-live", "--json", ...words, image])).stdout).total;
  expect(await counted("--cpu", "0", "--cpu", "1")).toBe(10460);
  const [one, two] = [await counted("--pid", "1"), await counted("--pid", "129")];
  expect([one > 0, two > 0]).toEqual([true, true]);
  expect(await counted("--pid", "1", "--pid", "129")).toBe(one + two);
});

test("what is named twice is named once", async () => {
  const image = "fixtures/dumps/v7.3-read/image.bin.gz";
  const formats = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
  const once = await rbtool(["stats", "--system", formats, image]);
  expect(await rbtool(["stats", "--system", formats, "--system", formats, image])).toEqual(once);
  const checked = await rbtool(["check", "-k", "7.3", image]);
  expect(await rbtool(["check", "-k", "7.3", "-k", "7.3", image])).toEqual(checked);
});

test("check: every kernel, or those that are named", async () => {
  const { status, stderr } = await rbtool(["check", "--all", "-k", "7.3", "fixtures/dumps/v7.3-read/image.bin.gz"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/'--all' cannot be used with option '-k, --kernel <version>'/);
});
