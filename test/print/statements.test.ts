import { expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { KernelTypes } from "../../src/system/kernel-types.js";
import { event, formatText, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";
import { sampleBtf } from "../system/make-btf.js";

function text(printFmt: string, value: number, release = "7.3.4"): string {
  const e = event([["u32 w", 8, 4, 0]], printFmt, LE64, release);
  return e.body(recordIn(record(12, LE64, (v) => v.setUint32(8, value, true))), plainEnv(8));
}

test("assignments, if and switch with fall-through become one value", () => {
  const block =
    '"%s", ({ char *s; int n = (REC->w & 3) + 1; switch (REC->w >> 4) { case 1: case 2: switch (n) { case 1: s = "one"; break; ' +
    'case 3: default: s = "more"; } break; case 3: s = "falls"; default: s = "other"; } s; })';
  expect(text(block, 0x10)).toBe("one");
  expect(text(block, 0x22)).toBe("more");
  expect(text(block, 0x30)).toBe("other");
  expect(text(block, 0x40)).toBe("other");
  expect(text('"%d", ({ int n = 1; if (REC->w > 5) n = 2; else { n = 3; } n; })', 9)).toBe("2");
  expect(text('"%d", ({ int n; if (REC->w) n = 7; n; })', 0)).toMatch(/^<.*>$/);
});

test("trace_seq_printf() into the second buffer is printed up to its NUL", () => {
  const block =
    '"%s %u", ({ const char *start = trace_seq_buffer_ptr(p); static const char *names[] = { "a", "b" }; ' +
    'trace_seq_printf(p, "w=%u %s%c", REC->w, names[REC->w], 0); start; }), REC->w';
  expect(text(block, 1)).toBe("w=1 b 1");
  expect(text(block, 5)).toBe("w=5 <names(0x5)> 5");
});

test("the members of a union that was assigned whole, by version", () => {
  const role =
    '"%u %u", ({ union kvm_mmu_page_role role; role.word = REC->w; role.level; }), ({ union kvm_mmu_page_role r; r.word = REC->w; r.invalid; })';
  expect(text(role, 0x0804, "6.12.107")).toBe("4 1");
  expect(text(role, 0x1004, "7.3.4")).toBe("4 1");
  expect(text(role, 0x1004, "6.18.1")).toMatch(/^<.*> <.*>$/);
});

test("typeof() is the type of its expression", () => {
  expect(text('"%llx %zu", (typeof(1ULL << 40))0x123456789a, sizeof(typeof((u8)REC->w))', 0)).toBe("123456789a 1");
  expect(text('"%d", ({ __auto_type x = (u8)(REC->w); x; })', 0x1ff)).toBe("255");
});

test("BTF gives constants and the members of structs", () => {
  const { kernel, module } = sampleBtf();
  const types = new KernelTypes([
    { name: "vmlinux", bytes: kernel },
    { name: "driver", bytes: module },
  ]);
  const format = formatText(
    [["struct outer o", 8, 40, 0]],
    '"%d %d %d %s", REC->o.first, REC->o.high, ONLY_HERE, __print_symbolic(REC->o.first, { BROKEN, "broken" })',
  );
  const e = compileFormat(parseFormat(format, LE64), { abi: LE64, types });
  expect(e.markers).toEqual([]);
  const bytes = record(48, LE64, (v) => {
    v.setInt32(8, -1, true);
    v.setInt32(20, 33, true);
  });
  expect(e.body(recordIn(bytes, 0, 48), plainEnv(8))).toBe("-1 33 7 broken");
  const shared = compileFormat(parseFormat(formatText([["u32 w", 8, 4, 0]], '"%d", SHARED'), LE64), {
    abi: LE64,
    types,
  });
  expect(shared.markers).toEqual([{ conversion: "SHARED", reason: expect.stringContaining("several values") }]);
});

test("%p of data in the record: what is read there is shown, what would be an address is not", () => {
  expect(text('"%p4cc", &REC->w', 0x34325258)).toBe("XR24 little-endian (0x34325258)");
  expect(text('"%4pE|%*pE", &REC->w, 2, &REC->w', 0x0a41)).toBe("A\\n\\0\\0|A\\n");
  expect(text('"%pGp %u", &REC->w, REC->w', 5)).toBe("<&REC->w(0x5)> 5");
  expect(text('"%p", &REC->w', 5)).not.toMatch(/^0+[0-9a-f]{1,2}$/);
});
