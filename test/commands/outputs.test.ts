import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { Dump } from "../support/images.js";
import { rbtool } from "../support/run.js";

const IMAGE = join(new Dump("v7.3-few").path, "image.bin.gz");
const EVENTS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";
const folder = mkdtempSync(join(tmpdir(), "rbtool-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every command that writes a file: its words, and the file that it then writes. */
const WRITERS: readonly (readonly [name: string, words: (out: string) => string[], file: string])[] = [
  ["recover", (out) => ["recover", "--salvage", "-o", join(out, "file"), IMAGE], "file"],
  ["export", (out) => ["export", "--to", "csv", "--events", EVENTS, "-o", join(out, "file"), IMAGE], "file"],
  ["report", (out) => ["report", "--events", EVENTS, "-o", join(out, "file"), IMAGE], "file"],
  ["system", (out) => ["system", "-o", join(out, "file"), EVENTS], "file"],
  ["system into a directory", (out) => ["system", "-o", out, EVENTS], "events/sched/sched_switch/format"],
  ["mmap-layout", (out) => ["mmap-layout", "--cpu", "0", "--write", out, IMAGE], "cpu0.map"],
  ["locate", (out) => ["locate", "--extract", out, IMAGE], "0x0.bin"],
];

test.each(WRITERS)("%s writes over a file that is there with --force alone", async (_name, words, file) => {
  const out = mkdtempSync(join(folder, "out-"));
  const first = await rbtool(words(out));
  expect(first).toMatchObject({ status: 0 });
  const path = join(out, file);
  writeFileSync(path, "mine");
  const refused = await rbtool(words(out));
  expect(refused.stderr).toMatch(/already exists; --force overwrites it\n$/);
  expect(refused.status).toBe(2);
  expect(readFileSync(path, "latin1")).toBe("mine");
  expect(await rbtool([...words(out), "--force"])).toMatchObject({ status: 0 });
  expect(readFileSync(path, "latin1")).not.toBe("mine");
});

test("-o - is standard output in every command that writes one file of text, and no file is called -", async () => {
  const { status, stdout } = await rbtool(["report", "--events", EVENTS, "-o", "-", IMAGE]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^<!doctype html>/);
  expect(existsSync("-")).toBe(false);
});

test("a symbolic link stays one: what it names is written, there or not", async () => {
  const out = mkdtempSync(join(folder, "links-"));
  writeFileSync(join(out, "old"), "mine");
  for (const name of ["old", "new"]) {
    const link = join(out, `link to ${name}`);
    symlinkSync(name, link);
    const { status } = await rbtool(["recover", "--salvage", "--force", "-o", link, IMAGE]);
    const written = readFileSync(join(out, name));
    expect({ name, status, link: lstatSync(link).isSymbolicLink() }).toEqual({ name, status: 0, link: true });
    expect(written.length).toBeGreaterThan(4096);
  }
});
