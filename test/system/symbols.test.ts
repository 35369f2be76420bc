import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readMaybeGzip } from "../../src/system/load.js";
import { parseCmdlines } from "../../src/system/symbols/cmdlines.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { parseModules } from "../../src/system/symbols/modules.js";
import { movedPrintkFormats, PrintkFormats } from "../../src/system/symbols/printk-formats.js";
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
  expect(k.lookup(0xffffffff81000101n)).toEqual({
    name: "first",
    offset: 1n,
    size: 0x80n,
    module: undefined,
    data: false,
  });
});

test("what the kernel only lists names no address", () => {
  const listed = [
    "c000000000080000 t kprobe_optinsn_page\t[__builtin__kprobes]",
    "c000000000090000 t ftrace_trampoline\t[__builtin__ftrace]",
  ];
  const k = new Kallsyms(bytes(["c000000000000000 T _text", "c000000000070000 D _end", ...listed, ""].join("\n")));
  expect(k.render(0xc0000000, 0x80010, "S")).toBe("0xc000000000080010");
  expect(k.render(0xc0000000, 0x90010, "S")).toBe("0xc000000000090010");
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

/** Two modules: texts side by side, data between each other's; a variable of each CPU; a BPF program. */
const MODULES = [
  "ffffffff81000000 T _text",
  "ffffffff81000000 T _stext",
  "ffffffff82000000 D _end",
  "ffffffff81f6b000 a per_cpu_a\t[a]",
  "ffffffffc0000010 t a_first\t[a]",
  "ffffffffc0000ff0 t a_exit\t[a]",
  "ffffffffc0100040 d a_data\t[a]",
  "ffffffffc0102008 r a_ops\t[a]",
  "ffffffffc0001000 t b_first\t[b]",
  "ffffffffc0001800 t b_exit\t[b]",
  "ffffffffc0110080 b b_data\t[b]",
  "ffffffffc0114000 d __this_module\t[b]",
  "ffffffffc0120010 r b_ops\t[b]",
  "ffffffffc0120090 r b_last\t[b]",
  "ffffffffc0200000 t bpf_prog_1_x\t[bpf]",
  "",
].join("\n");

test("a module is several regions, and others' lie between them", () => {
  const k = new Kallsyms(bytes(MODULES));
  const at = (lo: number) => k.render(0xffffffff, lo, "S");
  expect(at(0xc0102010)).toBe("a_ops+0x8/0xcff8 [a]");
  expect(at(0xc0100040)).toBe("a_data+0x0/0xfc0 [a]");
  expect(at(0xc0114100)).toBe("__this_module+0x100/0xb000 [b]");
  expect(at(0xc0120020)).toBe("b_ops+0x10/0x80 [b]");
  // Texts follow each other without a free page.
  expect(at(0xc0000ff8)).toBe("a_exit+0x8/0x10 [a]");
  expect(at(0xc0001004)).toBe("b_first+0x4/0x800 [b]");
  expect(k.render(0xffffffff, 0xc0200004, "s")).toBe("bpf_prog_1_x");
});

test("where no region is, or before its first symbol, there is no symbol", () => {
  const k = new Kallsyms(bytes(MODULES));
  const at = (lo: number) => k.render(0xffffffff, lo, "S");
  // Text that was freed after the module's init lies behind its region.
  expect(at(0xc0002010)).toBe("0xffffffffc0002010");
  // The first bytes of a page whose first symbol comes later, and the page left free before it.
  expect(at(0xc0120008)).toBe("0xffffffffc0120008");
  expect(at(0xc011f000)).toBe("0xffffffffc011f000");
  expect(at(0xc0000008)).toBe("0xffffffffc0000008");
  // Behind the last region of all.
  expect(at(0xc0201000)).toBe("0xffffffffc0201000");
});

test("a region ends where its module's file says", () => {
  const k = new Kallsyms(bytes(MODULES), [0xffffffffc0000ff8n, 0xffffffffc0103234n]);
  const at = (lo: number) => k.render(0xffffffff, lo, "S");
  expect(at(0xc0102010)).toBe("a_ops+0x8/0x1ff8 [a]");
  expect(at(0xc0104010)).toBe("0xffffffffc0104010");
  k.relocate({ pageSize: 16384 });
  expect(at(0xc0103f00)).toBe("a_ops+0x1ef8/0x1ff8 [a]");
});

test("data of a module moves only where all modules moved alike", () => {
  const k = new Kallsyms(bytes(MODULES));
  const moved = (a: bigint, b: bigint) =>
    k.relocate({
      modules: [
        { name: "a", address: a },
        { name: "b", address: b },
      ],
    });
  moved(0xffffffffc0400000n, 0xffffffffc0401000n);
  expect(k.render(0xffffffff, 0xc0500050, "S")).toBe("a_data+0x10/0xfc0 [a]");
  expect(k.render(0xffffffff, 0xc0400020, "s")).toBe("a_first [a]");
  moved(0xffffffffc0400000n, 0xffffffffc0601000n);
  expect(k.render(0xffffffff, 0xc0500050, "s")).toBe("0xffffffffc0500050");
  expect(k.render(0xffffffff, 0xc0400020, "s")).toBe("a_first [a]");
  expect(k.render(0xffffffff, 0xc0601000, "s")).toBe("b_first [b]");
  expect(k.unrelocate(0xffffffffc0601004n)).toBe(0xffffffffc0001004n);
});

test("regions are whole pages of the writer's size", () => {
  const k = new Kallsyms(bytes("c0000010 t only\t[a]\n"));
  expect(k.render(0, 0xc0000010, "S")).toBe("only+0x0/0xff0 [a]");
  k.relocate({ pageSize: 16384 });
  expect(k.render(0, 0xc0000010, "S")).toBe("only+0x0/0x3ff0 [a]");
});

test("a kernel that lists its text alone names nothing else", () => {
  const k = new Kallsyms(
    bytes(
      [
        "c0400000 T _stext",
        "c0400100 t first",
        "c0500000 D _etext",
        "c0600000 T _sinittext",
        "c0600040 t init_one",
        "c0600080 T _einittext",
        "c0700000 D __stop___bug_table",
        "",
      ].join("\n"),
    ),
  );
  expect(k.render(0, 0xc0400104, "S")).toBe("first+0x4/0xfff00");
  expect(k.render(0, 0xc0500000, "s")).toBe("0xc0500000");
  expect(k.render(0, 0xc0600050, "S")).toBe("init_one+0x10/0x40");
  expect(k.render(0, 0xc0600080, "s")).toBe("0xc0600080");
  expect(k.render(0, 0xc0700000, "s")).toBe("0xc0700000");
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

/** Of 7.3.4+deb13-amd64: what a boot with nokaslr showed, and one that KASLR had moved by 0x1aa00000. */
const SHOWN = [
  ["0xffffffff82966082", "0xffffffff9d366082", '"CPU_ON"'],
  ["0xffffffff8296bdf0", "0xffffffff9d36bdf0", '"End CPU kthread@rcu_yield"'],
  ["0xffffffff823df338", "0xffffffff9cddf338", '"mas_is_span_wr"'],
] as const;

test("printk_formats of a boot that KASLR moved: the same texts, where that boot had them", () => {
  const file = (column: 0 | 1): string => SHOWN.map((line) => `${line[column]} : ${line[2]}\n`).join("");
  expect(movedPrintkFormats(file(0), 0x1aa00000n)).toBe(file(1));
  expect(movedPrintkFormats(file(1), -0x1aa00000n)).toBe(file(0));
  // Only an address at the beginning of a line is one.
  expect(movedPrintkFormats('0xffffffff82966082 : "0x10 : \\"\n', 0x10n)).toBe('0xffffffff82966092 : "0x10 : \\"\n');
});

test("on arm the page of vectors is text to the kernel, which finds its last symbol there", () => {
  const listed = ["c0400000 T _stext", "c04001e0 T vector_swi", "c1400000 D _etext", "c1e56314 D __stop___bug_table"];
  const k = new Kallsyms(bytes([...listed, ""].join("\n")));
  // 7.2.13+deb14-armmp-lpae's own line: `qdisc_create: ... parent=__stop___bug_table+0x3e199cec/0xff5a9cec (-65536)`.
  expect(k.render(0, 0xffff0000, "S")).toBe("__stop___bug_table+0x3e199cec/0xff5a9cec");
  expect(k.render(0, 0xffff1000, "S")).toBe("0xffff1000");
});
