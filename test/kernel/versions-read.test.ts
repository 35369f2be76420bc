import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const SRC = join(import.meta.dirname, "../../src");

/** The types whose fields are what differs between kernels, and the file of their table. */
const TYPES = [
  ["BootBehaviour", "kernel/versions/boot.ts"],
  ["ReaderBehaviour", "kernel/versions/reading.ts"],
  ["MapBehaviour", "kernel/versions/mapping.ts"],
  ["TraceFileBehaviour", "kernel/versions/printing.ts"],
  ["PrintBehaviour", "print/by-version.ts"],
  ["WriterLayout", "ring/layouts.ts"],
] as const;

const sources = new Map(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, code(readFileSync(join(SRC, file), "utf8"))]),
);

/** Without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function fieldsOf(type: string, file: string): string[] {
  const body = new RegExp(`interface ${type}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(sources.get(file)!)![1]!;
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field!);
}

/** As a property (`.field`), or taken out of the object by its name (`{ field } =`, `{ field }: Type`). */
function isRead(field: string, table: string): boolean {
  const reading = new RegExp(`\\.${field}\\b|\\{[^{}()]*\\b${field}\\b[^{}()]*\\}\\s*(=[^=>]|:|\\)\\s*=>)`);
  return [...sources].some(([file, text]) => file !== table && reading.test(text));
}

test.each(TYPES)("every field of %s is read by somebody", (type, file) => {
  const fields = fieldsOf(type, file);
  expect(fields.length).toBeGreaterThan(3);
  expect(fields.filter((field) => !isRead(field, file))).toEqual([]);
});
