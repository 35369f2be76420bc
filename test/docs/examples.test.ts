import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const ROOT = resolve(import.meta.dirname, "../..");
const pages = ["README.md", "CONTRIBUTING.md", ...readdirSync(join(ROOT, "docs")).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith(".md"),
);

/** What a page shows a person: each `$ rbtool ...` of a console block, and the output under it. */
const examples = pages.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .split(/^\$ rbtool /m)
      .slice(1)
      .map((example) => {
        const end = example.indexOf("\n");
        return { page, command: example.slice(0, end), output: example.slice(end + 1) };
      }),
  );
});

/** Lines of `...` stand for any lines that are left out. */
function sections(output: string): string[] {
  return output
    .split(/^\.\.\.\n/m)
    .filter((section) => section !== "")
    .map((section) => section.replace(/\n+$/, ""));
}

test.each(examples)("$page: rbtool $command", async ({ command, output }) => {
  const before = process.cwd();
  process.chdir(ROOT);
  try {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    const { stdout, stderr } = await rbtool(words);
    const real = stderr + stdout;
    if (!/^\.\.\.$/m.test(output)) return expect(output).toBe(real);
    let at = 0;
    for (const section of sections(output)) {
      const found = real.indexOf(section, at);
      expect({ section, found: found >= 0 }).toEqual({ section, found: true });
      at = found + section.length;
    }
  } finally {
    process.chdir(before);
  }
});

test("there are examples to test, and every relative link leads somewhere", () => {
  expect(examples.length).toBeGreaterThan(15);
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), "utf8");
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const path = join(ROOT, page, "..", target!);
      expect({ page, target, there: existsSync(path) }).toEqual({ page, target, there: true });
    }
  }
});
