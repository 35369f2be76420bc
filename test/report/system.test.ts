import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { buildKernel } from "../support/build-kernel.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";
import { SMALL_KERNEL } from "../support/small-kernel.js";

const dir = mkdtempSync(join(tmpdir(), "rbtool-system-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const kernel = join(dir, "vmlinux");
writeFileSync(kernel, buildKernel(SMALL_KERNEL).elf);

test("the report of a boot image, and of the tarball that is made of it", async () => {
  const tar = join(dir, "out.tar.gz");
  const fits = schemaOf("system");
  const first = await rbtool(["system", "--json", "-o", tar, kernel]);
  expect(first.stderr).toBe("");
  const report = JSON.parse(first.stdout);
  expect(fits(report)).toEqual([]);
  expect(report).toMatchObject({ release: "7.9.1-test", machine: "x86_64", events: { formats: 8 }, output: tar });
  const second = JSON.parse((await rbtool(["system", "--json", tar])).stdout);
  expect(fits(second)).toEqual([]);
  const same = ({ release, events, symbols, printkFormats }: typeof report) => ({
    release,
    events,
    symbols,
    printkFormats,
  });
  expect(same(second)).toEqual(same(report));
});

test("-o with a directory writes files into it", async () => {
  const { status } = await rbtool(["system", kernel, "-o", dir]);
  expect(status).toBe(0);
  expect(readFileSync(join(dir, "release"), "latin1")).toBe("7.9.1-test\n");
  expect(existsSync(join(dir, "events/sched/first/format"))).toBe(true);
});

test("what is no kernel is one line and status 2", async () => {
  const { status, stderr } = await rbtool(["system", "LICENSE"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^rbtool: LICENSE: not a collection .*\n$/);
});
