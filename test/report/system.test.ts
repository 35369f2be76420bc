import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { plainStyle } from "../../src/render/style.js";
import { renderSystem } from "../../src/render/system.js";
import { system } from "../../src/report/system.js";
import { openModule } from "../../src/system/kernel-image/module.js";
import { openKernel } from "../../src/system/kernel-image/open-kernel.js";
import { buildKernel } from "../support/build-kernel.js";
import { buildModule } from "../support/build-module.js";
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

test("where records tell a module's data lay, and by which addresses, is shown", async () => {
  const opened = await openKernel({ origin: "k", path: "k", bytes: () => buildKernel(SMALL_KERNEL).elf });
  const file = { origin: "m", path: "testing.ko", bytes: () => buildModule("testing", "happened") };
  const module = await openModule(file, opened.layout);
  const data = [{ region: module.data()[0]!, address: 0xffffffffc0601000n, by: [0xffffffffc0601010n] }];
  const modules = {
    modules: [{ module, address: undefined, data }],
    events: [],
    doubtful: new Set<number>(),
    notes: [],
  };
  const found = { file: "k", kernel: opened, fit: undefined, modules };
  const report = system({ formats: [] }, found, undefined, undefined);
  expect(schemaOf("system")(report)).toEqual([]);
  expect(report.modules[0]!.data).toEqual([
    { region: "rodata", address: "0xffffffffc0601000", by: ["0xffffffffc0601010"] },
  ]);
  const paper = { columns: undefined, unicode: false, style: plainStyle(), wide: false };
  expect(renderSystem(report, paper)).toMatch(
    /^data of a module +testing, rodata at 0xffffffffc0601000: inferred from 1 address in .* \(0xffffffffc0601010\)$/m,
  );
});

test("of modules alone, it is said that they want their kernel", async () => {
  const module = join(dir, "testing.ko");
  writeFileSync(module, buildModule("testing", "happened"));
  const word = "modules alone tell no events: name their kernel, too (vmlinuz, or its package)";
  expect((await rbtool(["system", module])).stderr).toBe(`rbtool: ${word}\n`);
  expect((await rbtool(["system", module, kernel])).stderr).toBe("");
  const image = "fixtures/dumps/v7.3-few/image.bin.gz";
  expect((await rbtool(["events", "--system", module, image])).stderr).toContain(`rbtool: ${word}\n`);
});

test("of a kernel that did not write what is in a dump, the one is told that the dump names", async () => {
  const { status, stderr } = await rbtool(["stats", "--system", kernel, "fixtures/memory/kdump-6.12.117.flat"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /did not write the image: .*; vmcoreinfo in the memory names 6\.12\.117\+deb13-cloud-amd64\n$/,
  );
});
