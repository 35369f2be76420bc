import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const work = mkdtempSync(join(tmpdir(), "rbtool-fleet-"));
afterAll(() => rmSync(work, { recursive: true }));

const [duckDb] = readFileSync("docs/fleet.md", "utf8").split("\n## Ask it: Spark") as [string];
const queries = [...duckDb.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!.trim().replace(/;$/, ""));

test("every query of docs/fleet.md is answered by DuckDB", async () => {
  for (const [to, from] of [
    ["web-1/b1.bin.gz", "v7.3-read"],
    ["web-2/b1.bin.gz", "v7.3-few"],
  ] as const) {
    mkdirSync(dirname(join(work, to)));
    copyFileSync(`fixtures/dumps/${from}/image.bin.gz`, join(work, to));
  }
  const table = join(work, "table");
  const kernel = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
  const images = [join(work, "web-1/b1.bin.gz"), join(work, "web-2/b1.bin.gz")];
  await rbtool(["export", "--to", "parquet", "--dataset", table, "--events", kernel, ...images]);
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
