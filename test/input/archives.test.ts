import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { archiveFiles } from "../../src/input/archive/archive.js";
import { cpioOf } from "../support/build-cpio.js";
import { rpmOf } from "../support/build-rpm.js";
import { has } from "../support/programs.js";

const dir = mkdtempSync(join(tmpdir(), "rbtool-archives-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Files whose names and sizes end anywhere in what formats pad them to. */
const FILES = Array.from({ length: 9 }, (_, i) => ({ path: `f${"x".repeat(i)}`, text: "content ".repeat(2).slice(i) }));

const cpio = (files: readonly { readonly path: string; readonly text: string; readonly mode?: number }[]): Buffer =>
  cpioOf(files.map(({ text, ...file }) => ({ ...file, bytes: Buffer.from(text) })));

function tar(): string {
  for (const { path, text } of FILES) writeFileSync(join(dir, path), text);
  const path = join(dir, "data.tar.gz");
  execFileSync("tar", ["-czf", path, "-C", dir, ...FILES.map((file) => file.path)]);
  return path;
}

/** By ar itself; the member before the data has an odd size. */
function deb(): Buffer {
  writeFileSync(join(dir, "debian-binary"), "2.0\n");
  writeFileSync(join(dir, "control.tar"), "odd");
  const path = join(dir, "one.deb");
  execFileSync("ar", ["rc", path, join(dir, "debian-binary"), join(dir, "control.tar"), tar()]);
  return execFileSync("cat", [path]);
}

const read = async (bytes: Uint8Array) =>
  Array.from((await archiveFiles(bytes))!, (file) => ({
    path: file.path,
    text: Buffer.from(file.bytes).toString("latin1"),
  }));

test.each([
  ["a cpio archive", () => cpio(FILES)],
  ["an rpm", () => rpmOf(cpio(FILES))],
  ["an rpm that is packed", () => rpmOf(gzipSync(cpio(FILES)))],
  ...(has("ar") ? [["a deb", deb] as const] : []),
])("each file of %s, whatever its name's and its own length", async (_, make) => {
  expect(await read(make())).toEqual(FILES);
});

test("a cpio archive's directories and links are no files", async () => {
  const others = [
    { path: "dir", text: "", mode: 0o040755 },
    { path: "link", text: "target", mode: 0o120777 },
  ];
  expect(await read(cpio([...others, ...FILES]))).toEqual(FILES);
});

test("an archive that is cut is an InputError", async () => {
  for (const whole of [cpio(FILES), rpmOf(cpio(FILES)), ...(has("ar") ? [deb()] : [])])
    await expect(read(whole.subarray(0, whole.length / 2))).rejects.toThrow(InputError);
});
