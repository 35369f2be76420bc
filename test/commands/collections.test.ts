import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { tarEntries } from "../../src/input/archive/tar.js";
import { FORMATS, scratchFolder } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";
const folder = scratchFolder();
afterAll(() => folder.remove());

const several = join(folder.path, "several");
const right = join(several, "right/events.tar.gz");
/** The same kernel's, but for one struct that is longer than its records. */
const wrong = join(several, "a-wrong/events/raw_syscalls/sys_enter/format");
for (const file of [right, wrong]) mkdirSync(dirname(file), { recursive: true });
copyFileSync(FORMATS, right);
const entry = [...tarEntries(gunzipSync(readFileSync(FORMATS)))].find(({ path }) =>
  path.endsWith("raw_syscalls/sys_enter/format"),
)!;
writeFileSync(
  wrong,
  Buffer.from(entry.bytes)
    .toString("latin1")
    .replace("args[6];\toffset:16;\tsize:48", "args[60];\toffset:16;\tsize:480"),
);

test("of collections that are folders in a folder, the one that fits is read", async () => {
  const { status, stdout, stderr } = await rbtool(["events", "--system", several, "--tail", "1", "--no-header", IMAGE]);
  expect(stderr).toBe(
    `rbtool: reading with ${dirname(right)}, of 2 collections: 10460 of 10460 records fit it, and no other fits as well\n`,
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("sys_enter: NR 1 (1, 66afc80") });
});

test("what shows one kernel's files takes a folder of one, and of several asks for one", async () => {
  for (const command of ["formats", "system"]) {
    const { status, stderr } = await rbtool([command, several]);
    expect(status).toBe(2);
    expect(stderr).toContain(`event formats of 2 kernels; name one of them, like ${join(several, "a-wrong")}`);
    expect((await rbtool([command, dirname(right)])).stdout).toContain("1663");
  }
});

test("a folder that tells of no kernel is an error", async () => {
  const empty = join(folder.path, "empty");
  mkdirSync(empty);
  for (const line of [
    ["events", "--system", empty, IMAGE],
    ["system", empty],
    ["formats", empty],
  ])
    expect(await rbtool(line)).toMatchObject({
      status: 2,
      stderr: `rbtool: ${empty}: nothing in it tells of a kernel\n`,
    });
});

test("a file that only has the name of a kernel is passed over, by name, where there is more", async () => {
  const path = join(folder.path, "foreign");
  mkdirSync(path);
  writeFileSync(join(path, "vmlinuz-notes"), "buy milk");
  const why = `rbtool: ${path}: vmlinuz-notes: not a collection (see \`rbtool collect-script\`), a kernel, a module or a package`;
  for (const line of [
    ["formats", path],
    ["system", path],
    ["events", "--system", path, IMAGE],
  ])
    expect(await rbtool(line)).toMatchObject({ status: 2, stdout: "", stderr: `${why}\n` });
  copyFileSync(FORMATS, join(path, "events.tar.gz"));
  for (const line of [
    ["formats", path],
    ["system", path],
    ["events", "--system", path, "--tail", "1", IMAGE],
  ]) {
    const { status, stdout, stderr } = await rbtool(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${why}; passed over\n` });
    expect(stdout).toMatch(/1663|sys_enter: NR 1 /);
  }
  // Named itself, it is what was asked for.
  expect((await rbtool(["system", FORMATS, join(path, "vmlinuz-notes")])).status).toBe(2);
});

test("a data set cannot be made in a file", async () => {
  const file = join(folder.path, "file");
  writeFileSync(file, "");
  for (const [dataset, said] of [
    [file, "is a file, not a folder"],
    [join(file, "x"), "a part of its path is no directory"],
  ] as const)
    expect(await rbtool(["export", "--to", "parquet", "--dataset", dataset, IMAGE])).toMatchObject({
      status: 2,
      stderr: `rbtool: ${dataset}: ${said}\n`,
    });
});
