import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { formatText } from "../support/formats.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const problems = schemaOf("formats");
const FIELDS = [["u32 w", 8, 4, 0]] as const;
let dir: string;

function put(system: string, name: string, printFmt: string, id: number): void {
  mkdirSync(join(dir, system, name), { recursive: true });
  const text = formatText(FIELDS, printFmt, name).replace("ID: 1000", `ID: ${id}`);
  writeFileSync(join(dir, system, name, "format"), text);
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "rbtool-test-"));
  put("good", "plain", '"w=%u", REC->w', 2001);
  put("odd", "call", '"w=%u %s", REC->w, no_such(REC->w)', 2002);
  put("odd", "none", "no text", 2003);
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

test("formats --json lists what a set has, what falls back and what is marked", async () => {
  const { stdout, status } = await rbtool(["formats", "--json", dir]);
  const report = JSON.parse(stdout);
  expect(problems(report)).toEqual([]);
  expect(status).toBe(0);
  expect(report).toMatchObject({ total: 3, fallbacks: 1, marked: 1, fit: null });
  expect(report.formats).toEqual(
    expect.arrayContaining([
      { system: "good", name: "plain", id: 2001 },
      expect.objectContaining({ name: "call", markers: ["no_such()"] }),
      expect.objectContaining({ name: "none", fallback: expect.stringContaining("begins with a string") }),
    ]),
  );
});

test("one event's directory and one format file are paths too, with CRLF or not", async () => {
  const file = join(dir, "good/plain/format");
  writeFileSync(join(dir, "crlf.txt"), formatText(FIELDS, '"w=%u", REC->w', "plain").replaceAll("\n", "\r\n"));
  for (const path of [join(dir, "good/plain"), file, join(dir, "crlf.txt")]) {
    const report = JSON.parse((await rbtool(["formats", "--json", path])).stdout);
    expect(report).toMatchObject({ total: 1, fallbacks: 0, marked: 0, problems: [] });
  }
  expect((await rbtool(["formats", join(dir, "nothing")])).status).toBe(2);
});

test("an image shows which IDs no format has", async () => {
  const image = "fixtures/dumps/v7.1-rewind/image.bin.gz";
  const report = JSON.parse((await rbtool(["formats", "--json", "--image", image, dir])).stdout);
  expect(problems(report)).toEqual([]);
  expect(report.fit.unknown.length).toBeGreaterThan(0);
  const told = report.fit.unknown.reduce((sum: number, row: { records: number }) => sum + row.records, 0);
  expect(report.fit.fitting + told).toBe(report.fit.records);
  const text = (await rbtool(["formats", "--image", image, dir])).stdout;
  expect(text).toContain("no format has this ID");
  expect(text).toMatch(/odd:call +no_such\(\) +unknown function/);
});

test("events of which no format has the ID are counted on stderr; a set of another word size is refused and says so", async () => {
  const image = "fixtures/dumps/v7.1-rewind/image.bin.gz";
  const { status, stderr } = await rbtool(["events", "--no-live", "--head", "1", "--events", dir, image]);
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /^rbtool: \d+ of \d+ records have an ID that no format has: their events cannot be decoded\n$/,
  );
  const path = join(dir, "small/header_page");
  mkdirSync(join(dir, "small/good/plain"), { recursive: true });
  writeFileSync(path, "\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n");
  writeFileSync(join(dir, "small/good/plain/format"), formatText(FIELDS, '"w=%u", REC->w', "plain"));
  const small = await rbtool(["events", "--no-live", "--events", join(dir, "small"), image]);
  expect(small.status).toBe(2);
  expect(small.stderr).toMatch(/of another build .*they come from a 32-bit kernel, and the image does not/);
  const formats = await rbtool(["formats", "--image", image, join(dir, "small")]);
  expect(formats.status).toBe(1);
  expect(formats.stdout).toMatch(/the formats come from a 32-bit kernel, and the image does not/);
});

test("--writer-release: no release is refused, another layout's is named, and check takes one by itself", async () => {
  const image = "fixtures/dumps/v7.3-few/image.bin.gz";
  const none = await rbtool(["events", "--no-live", "--writer-release", "banana", image]);
  expect(none).toMatchObject({ status: 2, stdout: "" });
  expect(none.stderr).toContain("--writer-release banana: not a kernel release");
  for (const command of ["events", "check"]) {
    const { status, stderr } = await rbtool([command, "--writer-release", "6.12.107", image]);
    expect(status).toBe(0);
    expect(stderr).toContain("no kernel 6.12.107 writes this buffer layout");
  }
});
