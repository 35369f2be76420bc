import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { barePages } from "../../src/locate/bare-pages.js";
import { FramedPages } from "../../src/locate/framed.js";
import { readingOf } from "../../src/reading/reading.js";
import { fixture, fixtureImages } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What reading per_cpu/cpuN/trace_pipe_raw gives of each CPU: its unread sub-buffers in order. */
function pipesOf(name: string): Uint8Array[] {
  const bytes = fixture(name).bytes();
  const image = readImage(new MemorySource(bytes));
  return readingOf(image).cpus.map(({ cpu, unread }) =>
    Buffer.concat(
      unread.map(({ index }) => {
        const at = cpu.subbufsOffset + index * cpu.subbufSize;
        return bytes.subarray(at, at + cpu.subbufSize);
      }),
    ),
  );
}

const linesOf = (stdout: string): string[] =>
  stdout.split("\n").flatMap((line) => (line.startsWith("#") || line === "" ? [] : [line.replace(/\[\d+\]/, "[]")]));

test.each(
  // Which clock it was is known from the area alone.
  fixtureImages.map(({ name }) => name).filter((name) => name !== "v7.3-tsc"),
)(
  "%s: the sub-buffers alone give each CPU's events, and the CPUs' files behind each other all of them",
  async (name) => {
    const whole = join(folder, "whole");
    writeFileSync(whole, fixture(name).bytes());
    const pipes = pipesOf(name).filter(({ length }) => length > 0);
    if (pipes.length === 0) return expect(fixture(name).bytes().length).toBeGreaterThan(0);
    const alone = join(folder, "pipes");
    writeFileSync(alone, Buffer.concat(pipes));
    const args = ["events", "--no-live", "--no-header"];
    const [expected, got] = [await rbtool([...args, whole]), await rbtool([...args, alone])];
    expect(got.status).toBe(0);
    expect(got.stderr).toContain("no area, but what trace_pipe_raw gives");
    expect(linesOf(got.stdout).sort()).toEqual(linesOf(expected.stdout).sort());
  },
);

test("a mapping that mmap-layout writes is read; what needs an area says so", async () => {
  const whole = join(folder, "whole");
  writeFileSync(whole, fixture("v7.3-read").bytes());
  await rbtool(["mmap-layout", "--write", join(folder, "map"), "--force", whole]);
  const mapped = join(folder, "map/cpu1.map");
  const { status, stdout, stderr } = await rbtool(["inspect", mapped]);
  expect([status, stderr]).toEqual([0, expect.stringContaining("a mapping of trace_pipe_raw: its meta page, and")]);
  expect(stdout).toMatch(/: 5242 events on 1 CPU, from 5\.503700 to 7\.103588 s; nothing damaged\n/);
  for (const command of [
    ["check"],
    ["recover", "--kernel", "7.3", "-o", join(folder, "out")],
    ["recover", "--salvage", "-o", join(folder, "out")],
    ["mmap-layout"],
    ["events", "--as-kernel", "--kernel", "7.3"],
  ]) {
    const refused = await rbtool([...command, mapped]);
    expect([command, refused.status]).toEqual([command, 3]);
    expect(refused.stderr).toContain("sub-buffers without their area, which no boot takes over");
  }
  expect(readFileSync(mapped).length).toBe(63 * 4096);
});

test("one sub-buffer, as bytes and as text: page shows it", async () => {
  const page = fixture("v7.3-read").bytes().subarray(0x4000, 0x5000);
  const path = join(folder, "page");
  writeFileSync(path, page);
  const { status, stdout } = await rbtool(["page", path, "0:1"]);
  expect(status).toBe(0);
  let text = "";
  for (let at = 0; at < page.length; at += 16)
    text += `${at.toString(16).padStart(8, "0")}: ${Buffer.from(page.subarray(at, at + 16))
      .toString("hex")
      .replace(/..../g, "$& ")} ................\n`;
  const listed = join(folder, "page.txt");
  writeFileSync(listed, text);
  const fromText = await rbtool(["page", listed, "0:1"]);
  expect([fromText.status, fromText.stdout.replaceAll(listed, path)]).toEqual([0, stdout]);
});

test("sub-buffers in any order are put in the order of their times", async () => {
  const [pipe] = pipesOf("v7.3-read");
  const pages = Array.from({ length: pipe!.length / 4096 }, (_, i) => pipe!.subarray(4096 * i, 4096 * (i + 1)));
  await fc.assert(
    fc.property(fc.shuffledSubarray(pages, { minLength: 2 }), (chosen) => {
      const source = new MemorySource(Buffer.concat(chosen));
      const { cpus } = barePages(source)!;
      expect(cpus.map(({ length }) => length)).toEqual([chosen.length]);
      const image = readImage(new FramedPages(source, barePages(source)!));
      expect(readingOf(image).cpus[0]!.unread).toHaveLength(chosen.length);
      expect(readingOf(image).findings.list).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test("anything else is no file of sub-buffers", () => {
  const [pipe] = pipesOf("v7.3-read");
  const noise = Buffer.from(pipe!).map((byte, i) => byte ^ Math.imul(i, 2654435761));
  expect(barePages(new MemorySource(noise))).toBeUndefined();
  expect(barePages(new MemorySource(Buffer.concat([pipe!.subarray(0, 4096), noise])))).toBeUndefined();
  expect(barePages(new MemorySource(new Uint8Array(8192)))).toBeUndefined();
  expect(barePages(new MemorySource(new Uint8Array(0)))).toBeUndefined();
});
