import { expect, test } from "@jest/globals";
import { FixedReader } from "../../src/events/builtin/record.js";
import { parseRelease } from "../../src/ground/release.js";
import { traceFileBehaviour } from "../../src/kernel/versions/printing.js";
import { KernelTypes } from "../../src/system/kernel-types.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { FunctionArgs, printsNoArguments } from "../../src/text/function-args.js";
import { BtfMaker, ENUM, FUNC, FUNC_PROTO, INT, PTR, STRUCT } from "../system/make-btf.js";

function types(): KernelTypes {
  const k = new BtfMaker(true);
  const int = k.add(INT, "int", 4, [[0x01000020]]);
  const unsigned = k.add(INT, "unsigned int", 4, [[0x20]]);
  const pointer = k.add(PTR, "", int);
  const state = k.add(
    ENUM,
    "state",
    4,
    [
      ["RUNNING", 0],
      ["BROKEN", 0xffffffff],
      ["DONE", 3],
    ],
    1,
  );
  const pair = k.add(STRUCT, "pair", 16, [["first", pointer, 0]]);
  const wide = k.add(STRUCT, "wide", 64, [["first", pointer, 0]]);
  const func = (name: string, parameters: readonly (readonly [string, number])[]): void => {
    k.add(FUNC, name, k.add(FUNC_PROTO, "", 0, parameters));
  };
  func("plain", [
    ["where", pointer],
    ["count", int],
    ["flags", unsigned],
  ]);
  func("states", [
    ["one", state],
    ["two", state],
    ["three", state],
  ]);
  func("structs", [
    ["pair", pair],
    ["next", int],
    ["", 0],
  ]);
  func("endless", [
    ["first", int],
    ["wide", wide],
    ["never", int],
  ]);
  func(
    "many",
    Array.from({ length: 8 }, (_, i) => [`a${i}`, int] as const),
  );
  func("none", []);
  return new KernelTypes([{ name: "vmlinux", bytes: k.bytes() }]);
}

const NAMED = { argumentEnums: true };

/** The text of a function's arguments in a record of six registers. */
function text(name: string | undefined, values: readonly bigint[], known = true, rules = NAMED): string | undefined {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    view.setBigUint64(8 * i, BigInt.asUintN(64, value), true);
  });
  const args = new FunctionArgs(new FixedReader(true, 8), known ? types() : undefined, () => name, rules);
  return args.text({ view, data: 0 }, 0, 0, view.byteLength);
}

const SIX = [0x10n, -2n, 3n, 4n, 5n, 6n];

test("arguments by name and type, as print_function_args() prints them", () => {
  expect(text("plain", SIX)).toBe("(where=0x10, count=-2, flags=0x3)");
  expect(text("states", [0n, -1n, 3n, 4n, 5n, 6n])).toBe("(one=0 [RUNNING], two=-1 [BROKEN], three=3 [DONE])");
  expect(text("states", [0xffffffffn, 7n, 3n, 4n, 5n, 6n])).toBe("(one=4294967295, two=7, three=3 [DONE])");
  expect(text("structs", SIX)).toBe("(pair=(STRUCT)[0x10:0xfffffffffffffffe], next=3, =?0x4)");
});

test("kernels up to 7.0 print an enum as its number", () => {
  const rules = (release: string) => traceFileBehaviour(parseRelease(release)!);
  const values = [0n, -1n, 3n, 4n, 5n, 6n];
  expect(text("states", values, true, rules("7.0.13"))).toBe("(one=0, two=-1, three=3)");
  expect(text("states", values, true, rules("7.1.13"))).toBe("(one=0 [RUNNING], two=-1 [BROKEN], three=3 [DONE])");
});

test("what the record has no room for is three dots", () => {
  expect(text("many", SIX)).toBe("(a0=16, a1=-2, a2=3, a3=4, a4=5, a5=6, ...)");
  expect(text("endless", SIX)).toBe("(first=16, wide=(STRUCT)[0xfffffffffffffffe:0x3:0x4:0x5:0x6:...])");
});

test("a function that BTF does not know, or that has no name, has no arguments", () => {
  expect(text("none", SIX)).toBe("()");
  expect(text("other", SIX)).toBe("()");
  expect(text(undefined, SIX)).toBe("()");
});

test("without BTF, what is in no kernel's BTF has no arguments", () => {
  // As 7.3.4 prints them.
  expect(text("pgd_alloc.cold", SIX, false)).toBe("()");
  expect(text("__pfx__copy_mc_to_iter", SIX, false)).toBe("()");
  expect(text(undefined, SIX, false)).toBe("()");
});

test("a record without arguments has none; without BTF they are registers, and that is told", () => {
  expect(text("plain", SIX.slice(0, 4))).toBeUndefined();
  expect(text("plain", SIX, false)).toBe("(0x10, 0xfffffffffffffffe, 0x3, 0x4, 0x5, 0x6)");
  const args = new FunctionArgs(new FixedReader(false, 4), undefined, () => "plain", NAMED);
  const view = new DataView(new ArrayBuffer(20));
  view.setUint32(0, 7);
  expect(args.wanted).toBe(false);
  expect(args.text({ view, data: 0 }, 0, 0, 20)).toBe("(0x7, 0x0, 0x0, 0x0, 0x0)");
  expect(args.wanted).toBe(true);
});

test("a kernel that was built without the arguments prints none", () => {
  const view = new DataView(new ArrayBuffer(48));
  const shown = (kallsyms: string): string | undefined => {
    const rules = { ...NAMED, noArguments: printsNoArguments(new Kallsyms(Buffer.from(kallsyms))) };
    const args = new FunctionArgs(new FixedReader(true, 8), undefined, () => "lru_reparent_memcg", rules);
    return args.text({ view, data: 0 }, 0, 0, 48);
  };
  // 7.2.13+deb14-armmp-lpae, which has no BTF: `lru_reparent_memcg() <-__get_cached_msi_msg`.
  expect(shown("c0208000 T _stext\n")).toBe("()");
  expect(shown("c0208000 T _stext\nc0209000 T print_function_args\n")).toBe("(0x0, 0x0, 0x0, 0x0, 0x0, 0x0)");
});
