import { expect, test } from "@jest/globals";
import { FORMATS } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";

const latency = (pair: string, ...words: string[]) =>
  rbtool(["latency", "--no-live", "--events", FORMATS, "--event", pair, ...words, IMAGE]);

interface Event {
  readonly event: string;
  readonly time: string;
  readonly cpu: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How often each key comes to its end, and in how long, reckoned from the events themselves. */
async function reckoned(begin: (event: Event) => unknown, end: (event: Event) => unknown) {
  const { stdout } = await rbtool(["events", "--no-live", "--events", FORMATS, "--json-lines", IMAGE]);
  const open = new Map<string, bigint>();
  const rows = new Map<string, { count: number; total: bigint }>();
  for (const line of stdout.trimEnd().split("\n")) {
    const event = JSON.parse(line) as Event;
    const from = event.event === "sched_switch" ? open.get(String(end(event))) : undefined;
    if (from !== undefined) {
      const key = String(end(event));
      open.delete(key);
      const row = rows.get(key) ?? { count: 0, total: 0n };
      rows.set(key, { count: row.count + 1, total: row.total + BigInt(event.time) - from });
    }
    if (event.event === "sched_wakeup") open.set(String(begin(event)), BigInt(event.time));
  }
  return [...rows].map(([what, { count, total }]) => ({ what, count, total: String(total) })).sort(byName);
}

const byName = (a: { what: string }, b: { what: string }) => (a.what < b.what ? -1 : 1);

test.each([
  ["pid=next_pid", (e: Event) => e.fields.pid, (e: Event) => e.fields.next_pid],
  ["CPU", (e: Event) => e.cpu, (e: Event) => e.cpu],
  [
    "pid=next_pid,target_cpu=cpu",
    (e: Event) => [e.fields.pid, e.fields.target_cpu],
    (e: Event) => [e.fields.next_pid, e.cpu],
  ],
] as const)("a key names fields of both events, or one of each: %s", async (key, begin, end) => {
  const { status, stdout } = await latency("sched_wakeup..sched_switch", "--key", key, "--json");
  expect(status).toBe(0);
  const { tables } = JSON.parse(stdout) as {
    tables: { name: string; rows: { name: string; count: number; total: string }[] }[];
  };
  const rows = tables.find(({ name }) => name === "pairs")!.rows;
  const got = rows.map(({ name, count, total }) => ({ what: name, count, total })).sort(byName);
  expect(got).toEqual(await reckoned(begin, end));
  expect(got.length).toBeGreaterThan(0);
});

test.each([
  ["pid=next_pd", "--key: sched_switch has no field next_pd (did you mean next_pid?)"],
  ["pd=next_pid", "--key: sched_wakeup has no field pd (did you mean pid?)"],
  ["COMM", "--key: sched_wakeup has no field COMM"],
  ["", "--key : fields of both events, like dev,sector or pid=next_pid"],
  ["pid,", "--key pid,: fields of both events, like dev,sector or pid=next_pid"],
  ["pid=next_pid=x", "--key pid=next_pid=x: fields of both events, like dev,sector or pid=next_pid"],
])("a key that names no field is a slip: %j", async (key, why) => {
  const { status, stdout, stderr } = await latency("sched_wakeup..sched_switch", "--key", key);
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: `rbtool: ${why}\n` });
});
