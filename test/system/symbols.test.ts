import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readMaybeGzip } from "../../src/system/load.js";
import { parseCmdlines } from "../../src/system/symbols/cmdlines.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { parseModules } from "../../src/system/symbols/modules.js";
import { PrintkFormats } from "../../src/system/symbols/printk-formats.js";
import { KERNELS } from "../support/collection.js";
import { releases } from "../support/formats.js";

const bytes = (text: string) => new TextEncoder().encode(text);

const FILE = bytes(
  [
    "ffffffff81000000 T _stext",
    "ffffffff81000000 T _text",
    "ffffffff81000100 T first",
    "ffffffff81000100 t alias_of_first",
    "ffffffff81000180 t second",
    "ffffffff81001000 D _end",
    "ffffffffc0001040 t mod_b\t[some_mod]",
    "ffffffffc0001010 t mod_a\t[some_mod]",
    "ffffffffc0001010 t $x\t[some_mod]",
    "ffffffffc0009000 t other\t[other_mod]",
    "",
  ].join("\n"),
);

test("symbols as sprint_symbol() prints them", () => {
  const k = new Kallsyms(FILE);
  expect(k.render(0xffffffff, 0x81000100, "S")).toBe("first+0x0/0x80");
  expect(k.render(0xffffffff, 0x8100017f, "S")).toBe("first+0x7f/0x80");
  expect(k.render(0xffffffff, 0x81000180, "s")).toBe("second");
  expect(k.render(0xffffffff, 0x81000180, "B")).toBe("first+0x80/0x80");
  expect(k.render(0xffffffff, 0xc0001012, "S")).toBe("mod_a+0x2/0x30 [some_mod]");
  expect(k.render(0xffffffff, 0xc0009004, "s")).toBe("other [other_mod]");
  expect(k.render(0, 0x1234, "S")).toBe("0x1234");
  expect(k.render(0xffffffff, 0x80ffffff, "s")).toBe("0xffffffff80ffffff");
  expect(k.lookup(0xffffffff81000101n)).toEqual({ name: "first", offset: 1n, size: 0x80n, module: undefined });
});

test("a writing boot with other addresses", () => {
  const k = new Kallsyms(FILE);
  k.relocate({ text: 0xffffffff9de00000n, modules: [{ name: "some_mod", address: 0xffffffffc0500000n }] });
  expect(k.textDelta).toBe(0x1ce00000n);
  expect(k.render(0xffffffff, 0x9de00100, "S")).toBe("first+0x0/0x80");
  expect(k.render(0xffffffff, 0x81000100, "S")).toBe("0xffffffff81000100");
  expect(k.render(0xffffffff, 0xc0500012, "S")).toBe("mod_a+0x2/0x30 [some_mod]");
  expect(k.unrelocate(0xffffffff9de00100n)).toBe(0xffffffff81000100n);
});

test("a file in another order, with lines that are none, tells the same", () => {
  const lines = Buffer.from(FILE).toString("latin1").trimEnd().split("\n");
  // Of two names of one address the first listed counts: those stay in order.
  const k = new Kallsyms(bytes(["", "no symbol", ...lines.slice(4), ...lines.slice(0, 4)].join("\n")));
  const sorted = new Kallsyms(FILE);
  for (const lo of [0x81000000, 0x81000100, 0x8100017f, 0x81000180, 0x81000fff, 0x81001000, 0xc0001012, 0xc0009004])
    expect(k.render(0xffffffff, lo, "S")).toBe(sorted.render(0xffffffff, lo, "S"));
  expect(k.textAddress).toBe(0xffffffff81000000n);
});

test("without _text nothing is reckoned: _stext may lie far behind it (arm)", () => {
  const k = new Kallsyms(bytes("c0100000 T _stext\nc0100100 T first\nc0200000 D _end\n"));
  expect(k.textAddress).toBeUndefined();
  k.relocate({ text: 0xc0008000n });
  expect(k.textDelta).toBe(0n);
  expect(k.render(0, 0xc0100104, "S")).toBe("first+0x4/0xfff00");
});

test("noise is no symbol table, and hidden addresses are noticed", () => {
  const noise = new Kallsyms(bytes("garbage\n\n\x00\x01 zz\n"));
  expect(noise.lookup(0n)).toBeUndefined();
  expect(noise.hidden).toBe(false);
  expect(new Kallsyms(bytes("")).lookup(5n)).toBeUndefined();
  expect(new Kallsyms(bytes("0000000000000000 T _text\n0000000000000000 T _end\n")).hidden).toBe(true);
});

/** Too large for fixtures/: without the collection of images one line of output says that nothing was read. */
const whole = releases().filter((release) => existsSync(join(KERNELS, release, "kallsyms.gz")));
(whole.length > 0 ? test.each(whole) : test.skip.each(["no kernel"]))(
  "%s: kallsyms is read whole, and each symbol is found at its own address",
  (release) => {
    const file = readMaybeGzip(join(KERNELS, release, "kallsyms.gz"));
    const k = new Kallsyms(file);
    const lines = Buffer.from(file).toString("latin1").trimEnd().split("\n");
    const seen = new Map<bigint, string>();
    for (const line of lines) {
      const [address, , name] = line.split(/[ \t]/);
      const at = BigInt(`0x${address}`);
      if (!seen.has(at)) seen.set(at, name!);
    }
    const text = k.find(["_stext", "_etext"]);
    let checked = 0;
    for (const [at, name] of seen) {
      if (at < (text.get("_stext") ?? 0n) || at >= (text.get("_etext") ?? 0n) || checked++ % 50 !== 0) continue;
      expect(k.lookup(at)).toMatchObject({ name, offset: 0n });
    }
    // Every fiftieth of tens of thousands of functions.
    expect(checked).toBeGreaterThan(20_000);
  },
);

test("printk_formats, with escapes", () => {
  const p = new PrintkFormats(
    '0xffffffff828cd8d3 : "CPU_ON"\n0xffffffff828cd8da : "a\\n\\"b\\"\\t\\\\ \\033"\n0xc0001000 : "short"\n',
  );
  expect(p.get(0xffffffff, 0x828cd8d3)).toBe("CPU_ON");
  expect(p.get(0xffffffff, 0x828cd8da)).toBe('a\n"b"\t\\ \x1b');
  expect(p.get(0, 0xc0001000)).toBe("short");
  expect(p.get(0, 1)).toBeUndefined();
  expect(p.count).toBe(3);
});

test("saved_cmdlines and modules", () => {
  expect([...parseCmdlines("1 init\n42 a b\nx\n")]).toEqual([
    [1, "init"],
    [42, "a b"],
  ]);
  expect(
    parseModules("ext4 1146880 1 - Live 0xffffffffc05a0000\nmbcache 16384 1 ext4, Live 0xffffffffc0590000 (E)\n"),
  ).toEqual([
    { name: "ext4", size: 1146880, address: 0xffffffffc05a0000n },
    { name: "mbcache", size: 16384, address: 0xffffffffc0590000n },
  ]);
});
