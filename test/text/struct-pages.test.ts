import { expect, test } from "@jest/globals";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { formatText } from "../support/formats.js";
import { LE64, madeImage, madeLines, payload } from "../support/made-events.js";

const MM_PAGE = parseFormat(
  formatText(
    [["unsigned long pfn", 8, 8, 0]],
    '"page=%p", (((struct page *)vmemmap_base) + (REC->pfn))',
    "mm_page_free",
  ),
  LE64,
);

/** The page 0x1075f0 of a kernel with its text and the area's memory at these addresses. */
function page(text: bigint, area: bigint): string {
  const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, MM_PAGE.id, 7, [[8, 0x1075f0]]))]);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(32, text, true);
  // first_buffer, head_buffer and commit_buffer of the only CPU.
  const meta = Number(view.getBigUint64(16, true));
  for (const at of [meta, meta + 8, meta + 16])
    view.setBigUint64(at, view.getBigUint64(at, true) - 0xffff888100000000n + area, true);
  const [line] = madeLines(bytes, {}, { formats: new Map([[MM_PAGE.id, MM_PAGE]]), kallsyms: undefined });
  return line!.replace(/^.*page=/, "");
}

test("a page's number is its address where x86 has not moved its struct pages (7.2.13's own)", () => {
  expect(page(0xffffffff81000000n, 0xffff88817a180000n)).toBe("ffffea00041d7c00");
  expect(page(0xffffffff81000000n, 0xffffc90000200000n)).toBe("ffffea00041d7c00");
});

test("with five levels of page tables they lie elsewhere", () => {
  expect(page(0xffffffff81000000n, 0xff1100017a180000n)).toBe("ffd40000041d7c00");
});

test.each([
  ["the text moved", 0xffffffff9ba00000n, 0xffff88817a180000n],
  ["memory moved, the text where it would be anyway", 0xffffffff81000000n, 0xffff8f4ac0000000n],
  ["riscv64", 0xffffffff80002000n, 0xffffffd680000000n],
])("it is not known: %s", (_, text, area) => {
  expect(page(text, area)).toBe("(___unknown____)");
});
