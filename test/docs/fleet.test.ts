import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const work = mkdtempSync(join(tmpdir(), "rbtool-fleet-"));
afterAll(() => rmSync(work, { recursive: true }));

const doc = readFileSync("docs/fleet.md", "utf8");
const [duckDb] = doc.split("\n## Query it: Spark") as [string];
const queries = [...duckDb.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!.trim().replace(/;$/, ""));

const kernel = resolve("fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
const table = join(work, "table");
const images = [join(work, "web-1/b1.bin.gz"), join(work, "web-2/b1.bin.gz")];

beforeAll(async () => {
  for (const [i, from] of ["v7.3-read", "v7.3-few"].entries()) {
    mkdirSync(dirname(images[i]!));
    copyFileSync(`fixtures/dumps/${from}/image.bin.gz`, images[i]!);
  }
  await rbtool(["export", "--to", "parquet", "--dataset", table, "--events", kernel, ...images]);
});

test("every query of docs/fleet.md is answered by DuckDB", async () => {
  const rows = async (sql: string): Promise<unknown[][]> => {
    const { status, stdout, stderr } = await rbtool(["sql", "--json", table, sql]);
    expect([status, stderr]).toEqual([0, ""]);
    return (JSON.parse(stdout) as { rows: unknown[][] }).rows;
  };
  const [view, much, last, calls, tasks, sure] = queries;
  expect([queries.length, view]).toEqual([6, expect.stringContaining("create view events")]);
  expect((await rows(much!)).map((row) => row.slice(0, 3))).toEqual([
    ["web-1", "b1", "10460"],
    ["web-2", "b1", "3"],
  ]);
  expect((await rows(last!)).map((row) => row.slice(0, 4))).toEqual([
    ["web-1", "b1", 0, expect.any(String)],
    ["web-1", "b1", 1, expect.any(String)],
    ["web-2", "b1", 0, "print"],
    ["web-2", "b1", 1, "print"],
  ]);
  // As `latency` has them.
  const slow = await rows(calls!.replace(/ limit 10$/, ""));
  const latency = await rbtool(["latency", "--json", "--events", kernel, images[0]!]);
  const { tables } = JSON.parse(latency.stdout) as {
    tables: { name: string; rows: { count: number; total: string }[] }[];
  };
  const own = tables.find(({ name }) => name === "syscalls")!.rows;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  expect([sum(slow.map((row) => Number(row[1]))), sum(slow.map((row) => Number(row[3])))]).toEqual([
    sum(own.map(({ count }) => count)),
    sum(own.map(({ total }) => Number(total))),
  ]);
  expect((await rows(tasks!)).length).toBeGreaterThan(2);
  expect(await rows(sure!)).toEqual([["10463"]]);
});

/** What the types of DuckDB are called in Trino. */
const TRINO: Readonly<Record<string, string>> = { VARCHAR: "varchar", BIGINT: "bigint", INTEGER: "integer" };

test("the table that is declared to Trino has the columns of the data set", async () => {
  const declared = /create table hive\.crashes\.events \(([^)]*)\)/.exec(doc)![1]!;
  const { stdout } = await rbtool(["sql", "--json", table, "describe from events"]);
  const { rows } = JSON.parse(stdout) as { rows: [name: string, type: string][] };
  const columns = rows.map(([name, type]) => `${name} ${TRINO[type] ?? type}`);
  expect(declared.split(",").map((column) => column.trim().replaceAll('"', ""))).toEqual(
    expect.arrayContaining(columns),
  );
  expect(declared.split(",")).toHaveLength(columns.length);
});

/** A command of the docs in a shell, with its paths in `work` and this rbtool. */
function shell(command: string, { input = "", ...env }: Readonly<Record<string, string>>) {
  const bin = join(work, "bin");
  mkdirSync(bin, { recursive: true });
  const program = `#!/bin/sh\nexec "${process.execPath}" "${resolve("bin/rbtool.js")}" "$@"\n`;
  writeFileSync(join(bin, "rbtool"), program, { mode: 0o755 });
  const here = command
    .replaceAll("/srv/table", join(work, "spread"))
    .replaceAll("/srv/images.txt", join(work, "images.txt"))
    .replace(/--system (\/srv\/)?build\.tar\.gz/, `--events ${kernel}`);
  return spawnSync("sh", ["-c", here], {
    input,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, ...env },
  });
}

test("what Spark pipes its lines into writes the parts and says so in JSON, and nothing for no lines", () => {
  const command = /\.pipe\("([^"]*)"\)/.exec(doc)![1]!;
  const { status, stdout } = shell(command, { input: `${images.join("\n")}\n` });
  expect([status, readdirSync(join(work, "spread"))]).toEqual([0, ["host=web-1", "host=web-2"]]);
  expect(JSON.parse(stdout)).toMatchObject({ failed: [] });
  expect(shell(command, { input: "" })).toMatchObject({ status: 0, stdout: "" });
  rmSync(join(work, "spread"), { recursive: true });
});

test("each pod of the Kubernetes job takes its share of the list, and all take all of it", () => {
  const [, script] = /\n +- (awk [\s\S]*?)\n +volumeMounts/.exec(doc)!;
  writeFileSync(join(work, "images.txt"), `${images.join("\n")}\n`);
  const parts = (index: number): string[] => {
    // Folded as YAML does it.
    const pod = shell(script!.replace(/\n +/g, " "), { JOB_COMPLETION_INDEX: String(index) });
    expect([pod.status, pod.stderr]).toEqual([0, expect.not.stringContaining("rror")]);
    return readdirSync(work).includes("spread") ? readdirSync(join(work, "spread")) : [];
  };
  expect([parts(0), parts(1), parts(2)]).toEqual([[], ["host=web-1"], ["host=web-1", "host=web-2"]]);
});
