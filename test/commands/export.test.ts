import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { OutputFile } from "../../src/commands/output-file.js";
import { EXPORT_FORMATS } from "../../src/export/registry.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const IMAGE = "fixtures/dumps/v7.3-few/image.bin.gz";
const KERNEL = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";

let work = "";
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "rbtool-export-"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test.each(EXPORT_FORMATS)("$name: a whole file under its name, and a report that fits the schema", async ({ name }) => {
  const path = join(work, "out");
  const { status, stdout, stderr } = await rbtool([
    "export",
    ...["--to", name, "--events", KERNEL, "--json", "-o", path, IMAGE],
  ]);
  expect([status, stderr.split("\n").filter((line) => !line.includes("cannot hold"))]).toEqual([0, [""]]);
  expect(readdirSync(work)).toEqual(["out"]);
  const report = JSON.parse(stdout) as {
    events: number;
    format: string;
    output: { size: number };
    shortfalls: { what: string; count: number }[];
  };
  expect(schemaOf("export")(report)).toEqual([]);
  expect([report.format, report.output.size]).toEqual([name, readFileSync(path).length]);
  const events = await rbtool(["events", "--no-live", "--json", IMAGE]);
  const left = report.shortfalls.filter(({ what }) => what.endsWith("left out")).map(({ count }) => count);
  const all = (JSON.parse(events.stdout) as { events: unknown[] }).events.length;
  expect(report.events + left.reduce((sum, count) => sum + count, 0)).toBe(all);
  // What speedscope and collapsed have no place for: this image holds nothing but prints.
  if (name !== "speedscope" && name !== "collapsed") expect(left).toEqual([]);
});

test("each format names its file in its own way", () => {
  const extensions = EXPORT_FORMATS.map(({ extension }) => extension);
  expect([...new Set(extensions)]).toEqual(extensions);
});

test("an interrupted export leaves no file, and the one that was there untouched", async () => {
  const path = join(work, "out");
  const first = await OutputFile.create(path);
  await first.write(Buffer.from("whole"));
  await first.close();
  first.takeName();
  const second = await OutputFile.create(path);
  await second.write(Buffer.from("half of it"));
  expect(readdirSync(work).length).toBe(2);
  await second.abandon();
  expect(readdirSync(work)).toEqual(["out"]);
  expect(readFileSync(path, "utf8")).toBe("whole");
});

test("a directory that is not there is told in a line, and nothing is left", async () => {
  const { status, stderr } = await rbtool(["export", "--to", "csv", "-o", join(work, "no/out"), IMAGE]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^rbtool: .*no\/out: there is no directory/m)]);
});

test("the image itself is never written", async () => {
  const { status, stderr } = await rbtool(["export", "--to", "csv", "-o", IMAGE, IMAGE]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("is the input itself")]);
});

test.each([
  ["export", "--to", "csv", "--force", "-o", "FILE", "--events", "FILE", IMAGE],
  ["export", "--to", "csv", "--force", "-o", "FILE", "--cmdlines", "FILE", IMAGE],
  ["report", "--force", "-o", "FILE", "--system", "FILE", IMAGE],
  ["system", "--force", "-o", "FILE", "FILE"],
])("nor is a file about the kernel, with --force: %s %s %s %s %s %s %s %s", async (...words) => {
  const file = join(work, "files.tar.gz");
  copyFileSync(KERNEL, file);
  const { status, stderr } = await rbtool(words.map((word) => word.replace("FILE", file)));
  expect([status, stderr]).toEqual([2, expect.stringContaining("is the input itself")]);
  expect(readFileSync(file).equals(readFileSync(KERNEL))).toBe(true);
});
