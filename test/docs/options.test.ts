import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import ts from "typescript";

const SRC = join(import.meta.dirname, "../../src");

/** What knows the command line. */
const KNOWS = /^(commands|explain|spec|render)\/|^(program|cli|io)\.ts$/;

/** The literal texts of a source file, without its comments. */
function textsOf(name: string, source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest));
  return texts;
}

/** A command that a person may run next has its own options: only those of the request are the command line's to name. */
const namesOption = (text: string) => /(?<![\w-])--[a-z]/.test(text.replace(/`rbtool [^`]*/g, ""));

test("an option is found in every kind of text, and not in code or comments", () => {
  const texts = [
    '"--cpu: no"',
    '"`rbtool locate --deep `"',
    '"`rbtool x -y` of --these"',
    `\`a \${b} (--size)\``,
    `\`--a\${b}\``,
    "`x`",
    "'(--last'",
  ];
  const source = `// --filter\nif (--left < 0) fail(${texts.join(", ")}, "a--b");`;
  expect(textsOf("a.ts", source).filter(namesOption)).toEqual([
    "--cpu: no",
    "`rbtool x -y` of --these",
    " (--size)",
    "--a",
    "(--last",
  ]);
});

test("the core names no option of the command line", () => {
  const core = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !KNOWS.test(file),
  );
  expect(core.length).toBeGreaterThan(200);
  const named = core.flatMap((file) =>
    textsOf(file, readFileSync(join(SRC, file), "utf8"))
      .filter(namesOption)
      .map((text) => `${file}: ${text}`),
  );
  expect(named).toEqual([]);
});
