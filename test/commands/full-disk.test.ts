import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { commandLines, FORMATS, IMAGE, scratchFolder } from "../support/command-lines.js";

const ROOT = join(import.meta.dirname, "../..");
const folder = scratchFolder();
afterAll(() => folder.remove());

/** It prints nothing on standard output. */
const SILENT = ["report"];
/** What the program itself prints, and what commands print when they are asked otherwise. */
const OTHERS = [
  ["help"],
  ["--version"],
  ["--help"],
  ["help", "events"],
  ["events", "-h"],
  [IMAGE],
  ["stats", "--no-live", "--json", IMAGE],
  ["export", "--to", "csv", "--events", FORMATS, "-o", "-", IMAGE],
  ["recover", "--salvage", "-o", "-", IMAGE],
];
const LINES = [
  ...commandLines(folder.path)
    .filter(([name]) => !SILENT.includes(name))
    .map(([, words]) => words),
  ...OTHERS,
];

/** The real process: its streams are what is tested. */
function run(words: readonly string[], stdout: number | "pipe") {
  return spawnSync("node", ["bin/rbtool.js", ...words], {
    cwd: ROOT,
    stdio: ["ignore", stdout, "pipe"],
    encoding: "utf8",
  });
}

const complaint = /^rbtool: standard output: .*$/;

test.each(LINES.map((words) => [words.slice(0, 2).join(" "), words] as const))(
  "a full disk is one line and status 2: rbtool %s",
  (_name, words) => {
    const { status, stderr } = run(words, openSync("/dev/full", "w"));
    const told = stderr.trimEnd().split("\n");
    expect(told.filter((line) => complaint.test(line))).toHaveLength(1);
    // Beside it only what is told of the image.
    for (const line of told) expect(line).toMatch(/^rbtool: /);
    expect(status).toBe(2);
  },
);

test.each(LINES.map((words) => [words.slice(0, 2).join(" "), words] as const))(
  "a reader that has gone ends the program quietly: rbtool %s",
  (_name, words) => {
    // The reader closes its end without reading: every write then fails with EPIPE.
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `{ node bin/rbtool.js ${line}; echo "status $?" >&2; } 2>&1 >&3 3>&- | cat >&2`;
    const { stderr } = spawnSync("bash", ["-c", `exec 3> >(exec true); sleep 0.1; ${script}`], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stderr).not.toMatch(/EPIPE|at .*\.js|fault in rbtool/);
    expect(stderr).toMatch(/status [01]\n$/);
  },
);

test.each([
  ["recover", "--salvage", "-o", "FILE", IMAGE],
  ["report", "--no-live", "-o", "FILE", IMAGE],
  ["mmap-layout", "--write", "FILE", IMAGE],
  ["mmap-layout", "--write", "FILE/deep/er", IMAGE],
  ["locate", "--extract", "FILE", IMAGE],
  ["export", "--to", "csv", "--events", FORMATS, "-o", "FILE", IMAGE],
  ["export", "--to", "parquet", "--no-live", "--dataset", "FILE", IMAGE],
  ["system", "-o", "FILE", FORMATS],
])("a file that cannot be written whole is one line, status 2, and leaves nothing: rbtool %s", (...words) => {
  const out = join(folder.path, `small-${words[0]}`);
  const line = words.map((word) => word.replace(/^FILE/, out)).join(" ");
  // No file may have a byte.
  const { status, stderr } = spawnSync("bash", ["-c", `ulimit -f 0; node bin/rbtool.js ${line} >&-`], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^(rbtool: .*\n)*rbtool: .*larger than a file may be there\n$/);
  expect(status).toBe(2);
  expect(existsSync(out)).toBe(false);
});

test("several files that belong together all take their names, or none does", () => {
  const out = mkdtempSync(join(folder.path, "together-"));
  mkdirSync(join(out, "events"));
  // Most formats are smaller than a block of 1024 bytes, and some larger.
  const script = `ulimit -f 1; node bin/rbtool.js system -o ${out} ${FORMATS} >&-`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  expect(stderr).toMatch(/^rbtool: .*\/events\/.*\/format: larger than a file may be there\n$/);
  expect(status).toBe(2);
  expect(readdirSync(out, { recursive: true })).toEqual(["events"]);
});

test("a directory that was there stays, and so does what it holds", () => {
  const out = mkdtempSync(join(folder.path, "there-"));
  const line = `mmap-layout --write ${out}/new/maps ${IMAGE}`;
  spawnSync("bash", ["-c", `ulimit -f 0; node bin/rbtool.js ${line} >&-`], { cwd: ROOT });
  expect(readdirSync(out)).toEqual([]);
});

test("commands that write files say which file the disk has no room for", () => {
  for (const words of [
    ["recover", "--salvage", "-o", "/dev/full", IMAGE],
    ["report", "--no-live", "-o", "/nowhere/report.html", IMAGE],
    ["mmap-layout", "--write", "/dev/null/maps", IMAGE],
    ["locate", "--extract", "/dev/null/areas", IMAGE],
    ["export", "--to", "csv", "--events", FORMATS, "-o", "/nowhere/a.csv", IMAGE],
    ["system", "-o", "/nowhere/a.tar.gz", FORMATS],
  ]) {
    const { status, stderr } = run(words, "pipe");
    expect({ words, status }).toEqual({ words, status: 2 });
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^rbtool: .*(\/dev\/|\/nowhere)/);
  }
});

test.each([
  ["sql of an image", (image: string) => `node bin/rbtool.js sql --no-live ${image} 'select 1'`],
  ["a pipe too large for memory", () => "head -c 80000000 /dev/zero | node bin/rbtool.js inspect"],
])("a folder for temporary files that is not there is named, with what to do: %s", (_name, script) => {
  const env = { ...process.env, TMPDIR: "/none/such" };
  const { status, stderr } = spawnSync("sh", ["-c", script(IMAGE)], { cwd: ROOT, env, encoding: "utf8" });
  expect(stderr).toMatch(
    /^rbtool: (<stdin>: )?no room for temporary files in \/none\/such: there is no such directory; set TMPDIR to a directory that has it$/m,
  );
  expect(status).toBe(2);
});
