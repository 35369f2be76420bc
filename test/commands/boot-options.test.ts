import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";
const KERNEL = ["-k", "7.3.4"];

interface MappedCpu {
  readonly meta: readonly { readonly name: string; readonly value: string | number }[] | null;
}
interface ViewedCpu {
  readonly views: { readonly unreadEvents: number } | null;
}

/** How many events each command says that a boot on these conditions leaves to read, on how many CPUs. */
async function leftBy(conditions: readonly string[]): Promise<Readonly<Record<string, readonly [number, number]>>> {
  const json = async (...words: string[]) => {
    const { stdout } = await rbtool([...words, ...KERNEL, ...conditions, "--json", IMAGE]);
    return JSON.parse(stdout);
  };
  const check = await json("check");
  const inspect = await json("inspect", "--as-kernel");
  const layout = await json("mmap-layout", "--steps", "all");
  const diff = await json("diff");
  const events = await rbtool(["events", "--no-live", "--as-kernel", ...KERNEL, ...conditions, IMAGE]);
  const [, printed, cpus] = /entries-written: (\d+)\/.*#P:(\d+)/.exec(events.stdout)!;
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  const entries = (stats: string) => Number(/^entries: (\d+)/m.exec(stats)![1]);
  const mapped = (layout.cpus as MappedCpu[]).flatMap(({ meta }) => (meta === null ? [] : [meta]));
  const views = (diff.cpus as ViewedCpu[]).flatMap(({ views }) => (views === null ? [] : [views]));
  return {
    check: [check.kernels[0].keptEvents, check.conditions.online.length],
    inspect: [sum(inspect.cpus.map((cpu: { stats: string }) => entries(cpu.stats))), inspect.cpus.length],
    layout: [sum(mapped.map((meta) => Number(meta.find(({ name }) => name === "entries")!.value))), mapped.length],
    diff: [sum(views.map(({ unreadEvents }) => unreadEvents)), views.length],
    events: [Number(printed), Number(cpus)],
  };
}

test.each([
  [[], [10460, 2]],
  [
    ["--boot-cpus", "4"],
    [0, 4],
  ],
  [
    ["--online", "0"],
    [5218, 1],
  ],
  [
    ["--size", "1M"],
    [0, 2],
  ],
])("whoever simulates a boot takes its conditions by the same options: %j", async (conditions, left) => {
  for (const [command, said] of Object.entries(await leftBy(conditions)))
    expect([command, said]).toEqual([command, left]);
});

test("CPUs that only that boot has can be chosen", async () => {
  const { stdout } = await rbtool(["inspect", "--as-kernel", ...KERNEL, "--boot-cpus", "4", "--cpu", "3", IMAGE]);
  expect(stdout).toMatch(/^==> per_cpu\/cpu3\/buffer_meta <==$/m);
});

test.each([
  [["events", "--no-live", "--size", "1M"], "--size needs --as-kernel"],
  [["inspect", "--no-inject"], "--no-inject needs --as-kernel"],
  [["inspect", "--boot-cpus", "4"], "--boot-cpus needs --as-kernel"],
  [
    ["diff", "--as-is", "--virt", "1000"],
    "--as-is: the area as it lies has not been through a boot: no condition of one applies",
  ],
  [["diff", "--boot-cpus", "4", IMAGE], "--boot-cpus does not apply: two images are compared as they lie"],
])("%j: conditions of a boot where there is none", async (words, why) => {
  expect(await rbtool([...words, IMAGE])).toMatchObject({ status: 2, stdout: "", stderr: `rbtool: ${why}\n` });
});
