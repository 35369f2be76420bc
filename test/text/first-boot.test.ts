import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import type { Dump } from "../support/images.js";
import { compareLines, textDumps, textOf, traceFile } from "../support/kernel-text.js";
import { countKinds, SHORT_OF_FIRST_BOOT } from "./shortfalls.js";

/**
 * What the writing kernel itself printed before the reboot: it still knew the tasks' names and hashed pointers, where
 * rbtool prints the pointers themselves.
 */
const dumps = textDumps.filter((dump) => dump.has("before.trace.txt.gz"));

if (dumps.length === 0) test.skip("no images with the first boot's own view and its kernel's files", () => {});

/** Reading had begun: the reader page's first events were consumed, but how far is not in the image. */
const consumed = ({ name }: Dump): boolean => /read(mid)?$/.test(name);

for (const dump of dumps.filter(consumed)) {
  test(`${dump.name}: holds every line of the writing kernel's own, and the consumed events before them`, () => {
    const events = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const want = events(textOf(dump, "before.trace.txt.gz"));
    const got = events(traceFile(dump, undefined, { names: "saved" }));
    let at = 0;
    let found = 0;
    for (const line of got) if (at < want.length && (line === want[at] || hashedThere(want[at]!, line))) at = ++found;
    process.stderr.write(
      `${dump.name}: ${found}/${want.length} lines found, ${got.length - found} consumed ones besides\n`,
    );
    expect(found).toBe(want.length);
    expect(got.length).toBeGreaterThan(found);
  });
}

for (const dump of dumps.filter((dump) => !consumed(dump))) {
  test(`${dump.name}: every line is the writing kernel's own`, () => {
    const want = textOf(dump, "before.trace.txt.gz");
    const overwritten = /entries-written: (\d+)\/(?!\1 )/.test(want);
    const got = traceFile(dump, undefined, { names: "saved", annotate: overwritten });
    // The count of overwritten events is not in the image.
    const header = /^(# entries-in-buffer\/entries-written: \d+)\/\d+/m;
    const forgives = dump.has("saved_cmdlines")
      ? hashedThere
      : (a: string, b: string) => hashedThere(nameless(a, b), b);
    const count = compareLines(want.replace(header, "$1"), got.replace(header, "$1"), forgives);
    process.stderr.write(`${dump.name}: ${count.equal}/${count.total} lines equal to the first boot's\n`);
    const kinds = countKinds(count.differing);
    const known = SHORT_OF_FIRST_BOOT[dump.name] ?? {};
    if (!isDeepStrictEqual(kinds, known)) expect(count.differing.slice(0, 10)).toEqual([]);
    expect(kinds).toEqual(known);
  });
}

/** Without saved_cmdlines rbtool knows the names that events tell: the kernel's line, with the name that rbtool lacks. */
function nameless(want: string, got: string): string {
  const [lacking, pid] = /^ *<\.\.\.>-(\d+) +/.exec(got) ?? [];
  if (lacking === undefined) return want;
  return want.replace(new RegExp(`^.{16}-${pid} +`), lacking);
}

/** Where rbtool prints an address in full width, the kernel may have printed a hash or no value at all. */
function hashedThere(want: string, got: string): boolean {
  if (want === got) return true;
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
