import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { readWhole } from "../../src/input/read-file.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-endless-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  delete process.env.RBTOOL_MAX_MEMORY;
});

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";
const ENDLESS = "/dev/zero";

const OPTIONS = ["--kallsyms", "--cmdlines", "--printk-formats", "--btf", "--events", "--system", "--module-order"];
(existsSync(ENDLESS) ? test.each(OPTIONS) : test.skip.each(OPTIONS))(
  "%s of a file without an end is refused by name",
  async (option) => {
    process.env.RBTOOL_MAX_MEMORY = "64M";
    const kernel = option === "--module-order" ? ["--system", "fixtures/kernels/7.3.4+deb13-cloud-amd64"] : [];
    const { stdout, stderr, status } = await rbtool(["events", "--no-live", ...kernel, option, ENDLESS, IMAGE]);
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toMatch(
      /^rbtool: \/dev\/zero: it has more than \d+ bytes(, and is no such file|; if it is meant .*)\n$/,
    );
  },
);

test("a file is read up to its end, and never beyond what is asked for", () => {
  const path = join(folder, "file");
  writeFileSync(path, "abc");
  expect(Buffer.from(readWhole(path, undefined, 3)).toString()).toBe("abc");
  expect(() => readWhole(path, undefined, 2)).toThrow("it has more than 2 bytes");
  // Files of /proc have no size.
  expect(readWhole("/proc/self/status").length).toBeGreaterThan(100);
});
