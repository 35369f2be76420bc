import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { type Making, type Said, Team } from "../../src/commands/jobs/team.js";
import type { Thread } from "../../src/threads.js";
import { bigImage } from "../support/big-image.js";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "rbtool-jobs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Large enough for threads. */
const IMAGE = bigImage(folder, 17);
const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";

interface Ran {
  readonly status: number | null;
  readonly bytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param take ends the reading after so many bytes */
function run(words: readonly string[], take = Number.POSITIVE_INFINITY): Promise<Ran> {
  const child = spawn("node", ["bin/rbtool.js", ...words], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const hash = createHash("sha256");
  let [bytes, stderr] = [0, ""];
  child.stdout.on("data", (piece: Buffer) => {
    bytes += piece.length;
    hash.update(piece);
    if (bytes >= take) child.stdout.destroy();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    child.on("close", (status) => resolve({ status, bytes, stdout: hash.digest("hex"), stderr })),
  );
}

/** Their output is short. */
const COUNTED: readonly (readonly string[])[] = [
  ["stats", "--events", FORMATS, "--top", "1000"],
  ["stats", "--events", FORMATS, "--json", "--comm", "[a-m]*"],
  ["stats", "--json", "--since", "-30s"],
];

const COMMANDS: readonly (readonly string[])[] = [
  ["events", "--events", FORMATS],
  ["events", "--events", FORMATS, "--json", "--filter", "common_pid & 1"],
  // Its first slices are empty.
  ["events", "--events", FORMATS, "--json", "--since", "-30s"],
  ["events", "--events", FORMATS, "--latency", "--comm", "[a-m]*"],
  ["export", "--events", FORMATS, "--to", "csv", "-o", "-"],
  ["export", "--events", FORMATS, "--to", "parquet", "-o", "-"],
  ["export", "--events", FORMATS, "--to", "parquet", "-o", "-", "--event", "sys_enter"],
  ["export", "--events", FORMATS, "--to", "arrow", "-o", "-", "--filter", "common_pid & 1"],
  ["export", "--events", FORMATS, "--to", "perfetto", "-o", "-"],
];

test.each(COMMANDS)("%s %s %s %s: the same with 1, 2 and 8 jobs", async (...words) => {
  const one = await run([...words, "--jobs", "1", IMAGE]);
  expect(one.bytes).toBeGreaterThan(1e6);
  for (const jobs of ["2", "8"]) expect(await run([...words, "--jobs", jobs, IMAGE])).toEqual(one);
});

test.each(COUNTED)("%s %s %s %s: the same with 1, 2 and 8 jobs", async (...words) => {
  const one = await run([...words, "--jobs", "1", IMAGE]);
  expect(one.status).toBe(0);
  for (const jobs of ["2", "8"]) expect(await run([...words, "--jobs", jobs, IMAGE])).toEqual(one);
});

test("a reader that goes away ends it quietly", async () => {
  const { status, stderr } = await run(["events", "--events", FORMATS, "--jobs", "2", IMAGE], 1);
  expect([status, stderr]).toEqual([0, ""]);
});

/** A thread that does what it is asked after a while. */
function made(answer: (number: number) => Said | Error): Thread & { readonly asked: number[] } {
  let [say, end] = [(_: unknown) => {}, (_: unknown) => {}];
  const asked: number[] = [];
  return {
    asked,
    post: (message) => {
      const number = message as number;
      asked.push(number);
      const said = answer(number);
      setTimeout(() => (said instanceof Error ? end(said) : say(said)), 1);
    },
    listen: (handle) => {
      say = handle;
      setTimeout(() => handle({ ready: true }), 1);
    },
    ended: (handle) => {
      end = handle;
    },
    stop: async () => {},
  };
}

/** Done in one step. */
const whole = <Result>(value: Result): Making<never, Result> => ({ full: false, next: () => ({ done: true, value }) });

test("pieces of work are taken in order, whoever did them, and few are made ahead", async () => {
  const thread = made((number) => ({ number, result: `there ${number}` }));
  const team = new Team([thread]);
  const taken: string[] = [];
  let [making, most] = [0, 0];
  await team.run<never, string>({
    count: 200,
    ask: (port, number) => {
      making++;
      port.post(number);
    },
    make: (number) => {
      making++;
      return whole(`here ${number}`);
    },
    part: async () => {},
    take: async (result) => {
      taken.push(result);
      most = Math.max(most, making - taken.length);
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });
  expect(taken.map((each) => Number(each.split(" ")[1]))).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(thread.asked.length).toBeGreaterThan(10);
  expect(taken.some((each) => each.startsWith("here"))).toBe(true);
  expect(most).toBeLessThanOrEqual(6);
});

test("a thread that fails ends the work with its error", async () => {
  const team = new Team([made(() => new Error("it broke"))]);
  const work = team.run<never, number>({
    count: 1000,
    ask: (port, number) => port.post(number),
    make: whole,
    part: async () => {},
    take: async () => {},
  });
  await expect(work).rejects.toThrow("it broke");
});
