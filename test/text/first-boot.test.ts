import { existsSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { compareLines, dumpFile, dumpNames, gunzipped, traceFile } from "../support/kernel-text.js";

/**
 * What the writing kernel itself printed before the reboot: it still knew the tasks' names and hashed pointers, where
 * rbtool prints the pointers themselves.
 */
const names = dumpNames().filter((name) => existsSync(dumpFile(name, "before.trace.txt.gz")));

if (names.length === 0) test.skip("no images with the first boot's own view and its kernel's files", () => {});

/** Reading had begun: the reader page's first events were consumed, but how far is not in the image. */
const consumed = (name: string): boolean => /read(mid)?$/.test(name);

for (const name of names.filter(consumed)) {
  test(`${name}: holds every line of the writing kernel's own, and the consumed events before them`, () => {
    const events = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const want = events(gunzipped(name, "before.trace.txt.gz").toString("latin1"));
    const got = events(traceFile(name, undefined, { comms: "saved" }));
    let at = 0;
    let found = 0;
    for (const line of got) if (at < want.length && (line === want[at] || hashedThere(want[at]!, line))) at = ++found;
    process.stderr.write(`${name}: ${found}/${want.length} lines found, ${got.length - found} consumed ones besides\n`);
    expect(found).toBe(want.length);
    expect(got.length).toBeGreaterThan(found);
  });
}

for (const name of names.filter((name) => !consumed(name))) {
  test(`${name}: every line is the writing kernel's own`, () => {
    const want = gunzipped(name, "before.trace.txt.gz").toString("latin1");
    const overwritten = /entries-written: (\d+)\/(?!\1 )/.test(want);
    const got = traceFile(name, undefined, { comms: "saved", annotate: overwritten });
    // The count of overwritten events is not in the image.
    const header = /^(# entries-in-buffer\/entries-written: \d+)\/\d+/m;
    const count = compareLines(want.replace(header, "$1"), got.replace(header, "$1"), hashedThere);
    process.stderr.write(`${name}: ${count.equal}/${count.total} lines equal to the first boot's\n`);
    expect(count.differing).toEqual([]);
    expect(count.equal).toBe(count.total);
  });
}

/** Where rbtool prints an address in full width, the kernel may have printed a hash or no value at all. */
function hashedThere(want: string, got: string): boolean {
  const parts = got.split(/((?<![0-9a-fx])(?:[0-9a-f]{16}|[0-9a-f]{8})(?![0-9a-f]))/);
  if (parts.length === 1) return false;
  const pattern = parts
    .map((part, i) =>
      i % 2 === 1
        ? `(?:${part}|\\(____ptrval____\\)|\\(ptrval\\)|[0-9a-f]{${part.length}})`
        : part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(want);
}
