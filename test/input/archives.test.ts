import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { archiveFiles } from "../../src/input/archive/archive.js";
import { rpmOf } from "../support/build-rpm.js";
import { has } from "../support/programs.js";

const dir = mkdtempSync(join(tmpdir(), "rbtool-archives-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Files whose names and sizes end anywhere in what formats pad them to. */
const FILES = Array.from({ length: 9 }, (_, i) => ({ path: `f${"x".repeat(i)}`, text: "content ".repeat(2).slice(i) }));

/** cpio(5), "newc": numbers of eight hexadecimal digits; names and contents padded to four bytes. */
function cpio(files: readonly { readonly path: string; readonly text: string; readonly mode?: number }[]): Buffer {
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const entry = (path: string, text: string, mode: number): Buffer => {
    const numbers = [1, mode, 0, 0, 1, 0, text.length, 0, 0, 0, 0, path.length + 1, 0];
    const header = `070701${numbers.map((n) => n.toString(16).padStart(8, "0")).join("")}`;
    return Buffer.concat([padded(Buffer.from(`${header}${path}\0`)), padded(Buffer.from(text))]);
  };
  return Buffer.concat([
    ...files.map(({ path, text, mode = 0o100644 }) => entry(path, text, mode)),
    entry("TRAILER!!!", "", 0),
    // Behind the trailer an archive is padded to a block.
    Buffer.alloc(64),
  ]);
}

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
