import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";

const ROOT = resolve(import.meta.dirname, "../..");
const text = readFileSync(resolve(ROOT, "docs/mmap.md"), "utf8");
test("docs/mmap.md has an example for every piece, and its links lead somewhere", () => {
  expect(text.match(/^\$ rbtool mmap-layout|^\$ rbtool diff/gm)!.length).toBeGreaterThan(10);
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
