import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { Dump } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-no-instance-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 7.1.13 made no instance of it: a CPU's meta counts a sub-buffer less than the kernel. */
function refused(): string {
  const bytes = Uint8Array.from(new Dump("v7.1-rewind").bytes());
  const at = readImage(new MemorySource(bytes)).cpus[0]!.buffersOffset - 4;
  const view = new DataView(bytes.buffer);
  view.setUint32(at, view.getUint32(at, true) - 1, true);
  const path = join(folder, "refused.bin");
  writeFileSync(path, bytes);
  return path;
}

const SAID = "this kernel makes no instance of the image: it has no trace file; see `rbtool check`";
const AS_KERNEL = ["--as-kernel", "-k", "7.1.13"];

test("of an instance that the kernel could not make there is no trace file", async () => {
  for (const options of [[], ["--json-lines"], ["--graph"], ["--no-header"], ["--filter", "common_pid == 1"]]) {
    const { stdout, stderr, status } = await rbtool(["events", ...AS_KERNEL, ...options, refused()]);
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr.match(/this kernel/g)).toHaveLength(1);
    expect(stderr).toContain(SAID);
    expect(stderr).not.toContain("events match");
  }
});

test("a document says so by holding no events", async () => {
  const { stdout, status } = await rbtool(["events", ...AS_KERNEL, "--json", refused()]);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ schema: "rbtool/events/2", events: [] });
});

test("nor other files", async () => {
  const { stdout, stderr, status } = await rbtool(["inspect", ...AS_KERNEL, refused()]);
  expect([stdout, status]).toEqual(["", 1]);
  expect(stderr).toContain(SAID);
});

test("check names the reason", async () => {
  const { stdout, status } = await rbtool(["check", "-k", "7.1.13", refused()]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/could not make the buffer: there would be no instance/);
  expect(stdout).not.toMatch(/too small/);
});
