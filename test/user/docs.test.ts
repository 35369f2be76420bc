import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { main } from "../../src/program.js";

const ROOT = resolve(import.meta.dirname, "../..");
const text = readFileSync(resolve(ROOT, "docs/mmap.md"), "utf8");
const examples = [...text.matchAll(/```console\n\$ rbtool ([^\n]*)\n([\s\S]*?)```/g)].map(([, line, output]) => ({
  line: line!,
  output: output!,
}));

async function run(line: string): Promise<string> {
  const chunks: (string | Uint8Array)[] = [];
  await main(line.split(" "), {
    write: async (chunk) => {
      chunks.push(chunk);
    },
    note: () => {},
    stdinIsTerminal: true,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: undefined,
    env: {},
  });
  return chunks.join("");
}

/** Lines of `...` stand for any lines that are left out. */
function sections(output: string): string[] {
  return output
    .split(/^\.\.\.$/m)
    .map((section) => section.replace(/^\n/, "").replace(/\n$/, ""))
    .filter((section) => section !== "");
}

test.each(examples)("docs/mmap.md: rbtool $line", async ({ line, output }) => {
  const before = process.cwd();
  process.chdir(ROOT);
  try {
    const real = await run(line);
    let at = 0;
    for (const section of sections(output)) {
      const found = real.indexOf(section, at);
      expect(found < 0 ? `not in the output: ${section}` : "found").toBe("found");
      at = found + section.length;
    }
    if (!output.includes("\n...\n") && !output.startsWith("...\n")) expect(real).toBe(output);
  } finally {
    process.chdir(before);
  }
});

test("docs/mmap.md has an example for every piece, and its links lead somewhere", () => {
  expect(examples.length).toBeGreaterThan(10);
  const anchors = new Set(
    [...text.matchAll(/^## (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^a-z0-9_ -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
  for (const [, anchor] of text.matchAll(/\]\(#([^)]*)\)/g)) expect([...anchors]).toContain(anchor);
  for (const piece of ["rb_struct_page", "rb_page_id", "rb_flush_meta", "rb_flush_buffer_page", "tracing_buffers_mmap"])
    expect(text).toContain(piece);
});
