import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { FORMATS, IMAGE, scratchFolder } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const whole = join(folder.path, "whole.parquet");
beforeAll(async () => {
  await rbtool(["export", "--to", "parquet", "-o", whole, "--events", FORMATS, IMAGE]);
});

/** A data set with one file of these bytes. */
function dataset(name: string, file: string, bytes: Uint8Array = new Uint8Array()): string {
  const path = join(folder.path, name);
  mkdirSync(join(path, "host=a/boot=b"), { recursive: true });
  if (file !== "") writeFileSync(join(path, "host=a/boot=b", file), bytes);
  return path;
}

const asked = async (path: string, query = "select count(*) from events") => {
  const { status, stdout, stderr } = await rbtool(["sql", path, query]);
  return { status, stdout, stderr: stderr.replaceAll(folder.path, "") };
};

test.each([
  ["empty", "", "/empty: no parquet files in it; `rbtool export --to parquet --dataset /empty IMAGE...` writes them"],
  [
    "begun",
    "part.parquet.12-ab.tmp",
    "/begun: no parquet file in it is whole yet: wait for `rbtool export --dataset`, or run it again if it was interrupted",
  ],
])("a data set without a whole file: %s", async (name, file, why) => {
  expect(await asked(dataset(name, file))).toEqual({ status: 2, stdout: "", stderr: `rbtool: ${why}\n` });
});

test.each([
  ["cut", -1, "is cut short; remove it, and run the `rbtool export` that wrote it again"],
  ["lost", 0, "is empty; remove it, and run the `rbtool export` that wrote it again"],
])("a file of which a crash left less than all is told by name: %s", async (name, size, why) => {
  const path = dataset(name, "part.parquet", readFileSync(whole).subarray(0, size));
  mkdirSync(join(path, "host=a/boot=c"));
  copyFileSync(whole, join(path, "host=a/boot=c/part.parquet"));
  expect(await asked(path)).toMatchObject({
    status: 2,
    stderr: `rbtool: /${name}/host=a/boot=b/part.parquet: ${why}\n`,
  });
});

test("a file that only ends like one", async () => {
  const path = dataset("other", "part.parquet", Buffer.from("not parquet at all"));
  expect((await asked(path)).stderr).toMatch(/part\.parquet: is no parquet file; remove it from the folder\n$/);
});

test.each([
  [
    "beside",
    "loose.parquet",
    "host=a/boot=b/part.parquet lies in a folder host=..., loose.parquet in none",
    "loose.parquet",
  ],
  [
    "between",
    "host=a/part.parquet",
    "host=a/boot=b/part.parquet lies in a folder boot=..., host=a/part.parquet in none",
    "host=a/part.parquet",
  ],
])("files that lie unlike each other make no table, and are named: %s", async (name, other, why, alone) => {
  const path = dataset(name, "part.parquet", readFileSync(whole));
  copyFileSync(whole, join(path, other));
  const rule = "one table has all its files in such folders, or none";
  expect(await asked(path)).toEqual({
    status: 2,
    stdout: "",
    stderr: `rbtool: /${name}: ${why}: ${rule}; name /${name}/${alone} by itself
`,
  });
});

test("brackets and stars in a folder's name are part of the name", async () => {
  const path = dataset("crash[1]*", "part.parquet", readFileSync(whole));
  expect((await asked(path, "select distinct host from events")).stdout).toBe("host\na\n");
});

test.each(["", " ; ", "-- nothing\n", "/* nothing\nat all */"])(
  "a query of nothing, %j, is no fault of rbtool's",
  async (query) => {
    expect(await rbtool(["sql", "--", whole, query])).toMatchObject({
      status: 2,
      stderr: "rbtool: the query is empty\n",
    });
  },
);

test("what DuckDB takes a misspelt name for is in the line", async () => {
  expect((await asked(whole, "select * from evnts")).stderr).toMatch(/^rbtool: DuckDB: .*Did you mean "events"\?\n$/);
});
