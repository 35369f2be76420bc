import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { last } from "../../src/report/last.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace.js";
import { FIXTURES } from "../support/collection.js";

/** Machines whose end is known: truth.md beside each says what it was. */
function lastOf(name: string) {
  const folder = join(FIXTURES, "deaths", name);
  const bytes = new Uint8Array(gunzipSync(readFileSync(join(folder, "image.bin.gz"))));
  const image = readImage(new MemorySource(bytes));
  const files = loadContextFiles({ events: join(folder, "events.tar.gz"), release: "6.12.107+deb13-cloud-amd64" });
  const writer = writingKernel(buildContext(files, image.layout.abi));
  return last(openTrace(image, writer, { sure: true, gaps: true }), 3);
}

test("a panic by sysrq: the kernel's words, who did it, in which call, who spun, who slept", () => {
  const { answer, cpus, sleeping, messages } = lastOf("panic");
  expect(answer).toMatch(/^kernel panic: sysrq triggered crash; CPU 1 .*crasher-152.*system call .*interrupts off/);
  expect(cpus[0]!.running).toMatchObject({ comm: "spinner", pid: 148 });
  expect(cpus[1]!.running).toMatchObject({ comm: "crasher", pid: 152 });
  expect(cpus[1]!.stack.map(({ what, text }) => `${what} ${text.replace(/\(.*/, "")}`)).toEqual(["syscall write"]);
  expect(sleeping.map(({ comm, call }) => [comm, call?.name])).toEqual([
    ["piper", "openat"],
    ["init", "wait4"],
  ]);
  expect(messages.some(({ text }) => text.includes("Kernel panic - not syncing: sysrq triggered crash"))).toBe(true);
});
