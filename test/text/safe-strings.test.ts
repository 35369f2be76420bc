import { expect, test } from "@jest/globals";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { safeStrings } from "../../src/text/safe-strings.js";

const symbols = (...lines: string[]): Kallsyms => new Kallsyms(Buffer.from(`${lines.join("\n")}\n`));

// As 7.2.13+deb14-armmp-lpae has them, and what it said: `wbt_step: EVENT wbt_step: HAS UNSAFE POINTER FIELD 'msg'`.
test("without CONFIG_KALLSYMS_ALL constants end behind the notes", () => {
  const armhf = symbols(
    "c0400000 T _stext",
    "c1400000 D __start_rodata",
    "c18b1cd0 R __stop_notes",
    "c1a003c0 T _sinittext",
  );
  const safe = safeStrings(armhf, () => undefined);
  expect([0xc183daf4, 0xc18407a4, 0xc18b1fff].map((address) => safe(0, address, "wbt_step"))).toEqual([
    true,
    true,
    true,
  ]);
  expect([0xc0400000, 0xc1908100, 0xc1e4c5f0, 0xffffffff, 5].map((address) => safe(0, address, "wbt_step"))).toEqual(
    new Array(5).fill(false),
  );
});

test("with it they end where it says; without either nothing tells", () => {
  const listed = symbols(
    "80000000 T _stext",
    "80100000 D __start_rodata",
    "80200000 R __stop_notes",
    "80300000 R __end_rodata",
  );
  expect(
    [0x802fffff, 0x80300000].map((address) => safeStrings(listed, () => undefined)(0, address, "wbt_step")),
  ).toEqual([true, false]);
  expect(safeStrings(symbols("80000000 T _stext"), () => undefined)(0, 0xffffff00, "wbt_step")).toBe(true);
});

// As 7.3.4+deb13-amd64 has them, and what it said: `suspend_resume: EVENT suspend_resume: HAS UNSAFE POINTER FIELD 'action'`.
test("a string in a module is the event's own, or none", () => {
  const safe = safeStrings(
    symbols(
      "ffffffff81000000 T _stext",
      "ffffffff82200000 D __start_rodata",
      "ffffffff82b00000 R __end_rodata",
      "ffffffff834a0000 t event_suspend_resume",
      "ffffffffc0500000 d names\t[radeon]",
      "ffffffffc0510000 d event_radeon_bo_create\t[radeon]",
      "ffffffffc0520000 d event_both\t[radeon]",
      "ffffffffc0600000 d names\t[i915]",
      "ffffffffc0610000 d event_both\t[i915]",
    ),
    () => undefined,
  );
  const in915 = 0xc0600008;
  const inRadeon = 0xc0500120;
  const told = ["suspend_resume", "radeon_bo_create", "both", "unlisted"].map((event) =>
    [inRadeon, in915].map((lo) => safe(0xffffffff, lo, event)),
  );
  expect(told).toEqual([
    [false, false],
    [true, false],
    [true, true],
    [true, true],
  ]);
});

// 6.12.117: the strings of a module's read-only data lie in front of its first symbol.
test("a module's memory begins at the page of its first symbol", () => {
  const safe = safeStrings(
    symbols("ffffffff81000000 T _stext", "ffffffff82b00000 R __end_rodata", "ffffffffc0209500 r names\t[rbt]"),
    () => undefined,
  );
  expect([0xc0209100, 0xc0209ffc, 0xc0208ffc, 0xc020a000].map((lo) => safe(0xffffffff, lo, "rbt_one"))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
