import { expect, test } from "@jest/globals";
import { eventsText } from "../../src/export/text/stream.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { makeEnv } from "../../src/print/make-env.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { PrintkFormats } from "../../src/system/symbols/printk-formats.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { BE64, KALLSYMS, LE32, LE64, madeImage, madeLines, type Part, payload } from "../support/made-events.js";

const F1 = 0xffffffff81001000n;
const F2 = 0xffffffff81002010n;

/** The text of one event behind the columns. */
function bodies(type: number, parts: readonly Part[], abi = LE64): string[] {
  const bytes = madeImage(abi, [(page) => page.event(0, payload(abi, type, 7, parts))]);
  return madeLines(bytes).map((line) => line.replace(/^.*?1\.000000: /, ""));
}

test("function: the caller is left out where there is none", () => {
  expect(
    bodies(1, [
      [8, F1],
      [8, F2],
    ]),
  ).toEqual(["first_function <-second_function"]);
  expect(
    bodies(1, [
      [8, F1],
      [8, 0],
    ]),
  ).toEqual(["first_function"]);
  expect(
    bodies(
      1,
      [
        [8, 0x1234],
        [8, 0],
      ],
      BE64,
    ),
  ).toEqual(["0x00001234"]);
  expect(
    bodies(
      1,
      [
        [4, 0xc0001234],
        [4, 0],
      ],
      LE32,
    ),
  ).toEqual(["0xc0001234"]);
});

test("context switch and wakeup", () => {
  const parts: Part[] = [
    [4, 1],
    [4, 0],
    [4, 2],
    [1, 120],
    [1, 1],
    [1, 98],
    [1, 0],
  ];
  expect(bodies(2, parts)).toEqual(["       1:120:S ==> [002]       0: 98:R <idle>"]);
  expect(bodies(3, parts)).toEqual(["       1:120:S   + [002]       0: 98:R <idle>"]);
});

test("in hex, the state of the first task is a byte, that of the second an int", () => {
  const parts: Part[] = [
    [4, -1],
    [4, -1],
    [4, -1],
    [1, 255],
    [1, 4],
    [1, 255],
    [1, 0],
  ];
  const hex = (type: number) => {
    const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, type, 77, parts))]);
    const trace = openTrace(
      readImage(new MemorySource(bytes)),
      { formats: new Map() },
      {
        asKernel: { release: "7.2.13" },
        traceOptions: parseTraceOptions("hex"),
      },
    );
    return Buffer.concat([...eventsText(trace)])
      .toString("latin1")
      .split("\n")
      .at(-2);
  };
  // 7.2.13's own lines, but for the time.
  expect(hex(2)).toBe("0000004d 00000000 000000003b9aca00 ffffffff ff 74 ffffffff ffffffff ff 00000052 ");
  expect(hex(3)).toBe("0000004d 00000000 000000003b9aca00 ffffffff ff 2b ffffffff ffffffff ff 00000052 ");
});

test("stacks: to the record's end, or a caller of all ones; the trampoline has a name of its own", () => {
  const all = 0xffffffffffffffffn;
  expect(
    bodies(4, [
      [4, 3],
      [4, 0],
      [8, F1],
      [8, 0x7fffffff],
      [8, all],
      [8, F2],
    ]),
  ).toEqual(["<stack trace>", " => first_function", " => [FTRACE TRAMPOLINE]"]);
  const user: Part[] = [[4, 5], [4, 0], [8, 0x401000], [8, 0x7f0000001000n], ...Array<Part>(6).fill([8, 0])];
  expect(bodies(13, user)).toEqual(["<user stack trace>", " =>  <0000000000401000>", " =>  <00007f0000001000>"]);
});

test("print, bputs, bprint, raw_data", () => {
  expect(bodies(5, [[8, F1], "hello\n"])).toEqual(["first_function: hello"]);
  expect(
    bodies(15, [
      [8, F1],
      [8, F2],
    ]),
  ).toEqual(["first_function: <string at 0xffffffff81002010>"]);
  expect(
    bodies(6, [
      [8, F1],
      [8, F2],
    ]),
  ).toEqual(["first_function: <format at 0xffffffff81002010>"]);
  expect(bodies(19, [[4, 0x2a], new Uint8Array([1, 2, 0xff, 0])])).toEqual(["# 2a buf: 01 02 ff 00"]);
});

test("trace_printk(): the format from printk_formats, the arguments from the record", () => {
  const printkFormats = new PrintkFormats(
    '0xffffffff81002010 : "%s has %d of %lx at %ps\\n"\n0xffffffff81002020 : "puts\\n"\n',
  );
  const event = (type: number, parts: readonly Part[]): string[] => {
    const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, type, 7, parts))]);
    const shown = (options: TraceSpec): string[] =>
      madeLines(bytes, options, { printkFormats }).map((line) => line.replace(/^.*?1\.000000: /, ""));
    expect(shown({ asKernel: { release: "7.3.4" } })).toEqual(shown({}));
    return shown({});
  };
  // vbin_printf(): text with its NUL, numbers at multiples of 4.
  const text = new Uint8Array([...Buffer.from("init"), 0, 0, 0, 0]);
  // buf[] begins at 28 of the record, whose arguments are packed from there on.
  const args: Part[] = [[8, F1], [8, F2], text, [4, -3], [8, 0xabcn], [8, F1]];
  expect(event(6, args)).toEqual(["first_function: init has -3 of abc at first_function"]);
  expect(event(6, args.slice(0, 4))).toEqual(["first_function: init has -3 of <OVERFLOW>"]);
  expect(
    event(15, [
      [8, F1],
      [8, 0xffffffff81002020n],
    ]),
  ).toEqual(["first_function: puts"]);
});

test("strings of the kernel are found after KASLR; those elsewhere by their own address alone", () => {
  const kallsyms = new Kallsyms(Buffer.from(KALLSYMS));
  const printkFormats = new PrintkFormats(
    '0xffffffff81002010 : "text"\n0xffffffff81f02010 : "other"\n0xffff888001234560 : "module"\n',
  );
  const { string } = makeEnv({ abi: LE64, symbols: kallsyms, printkFormats });
  expect(string(0xffffffff, 0x81002010)).toBe("text");
  kallsyms.relocate({ text: 0xffffffff81f00000n });
  expect(string(0xffffffff, 0x81f02010)).toBe("text");
  expect(string(0xffff8880, 0x01234560)).toBe("module");
  expect(string(0xffff8880, 0x01234568)).toBeUndefined();
});

test("hwlat, osnoise, timerlat, func_repeats", () => {
  expect(
    bodies(16, [
      [8, 12],
      [8, 3],
      [8, 99],
      [8, 1700000000],
      [8, 5],
      [4, 0],
      [4, 8],
      [4, 2],
      [4, 0],
    ]),
  ).toEqual(["#8     inner/outer(us):   12/3     ts:1700000000.000000005 count:2"]);
  expect(
    bodies(17, [
      [8, 1000],
      [8, 1000000],
      [8, 20],
      [4, 1],
      [4, 2],
      [4, 3],
      [4, 4],
      [4, 5],
      [4, 0],
    ]),
  ).toEqual(["1000000       1000  99.90000      20      1      2      3      4      5"]);
  expect(
    bodies(18, [
      [4, 1],
      [4, 1],
      [8, 4242],
    ]),
  ).toEqual(["#1     context thread timer_latency      4242 ns"]);
  expect(
    bodies(18, [
      [4, 1],
      [4, 77],
      [8, 4242],
    ]),
  ).toEqual(["#1     context <context 77> timer_latency      4242 ns"]);
  expect(
    bodies(20, [
      [8, F1],
      [8, F2],
      [2, 3],
      [2, 0],
      [4, 500000],
    ]),
  ).toEqual(["first_function <-second_function (repeats: 3, last_ts:     0.999500)"]);
});

test("osnoise without a runtime does not divide by it", () => {
  expect(
    bodies(17, [
      [8, 0],
      [8, 0],
      [8, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
    ])[0],
  ).toMatch(/^0 {10}0 {3}0\.00000/);
});

test("a record too short for its event says so", () => {
  for (const type of [1, 2, 4, 13, 15, 16, 17, 18, 20]) expect(bodies(type, [])).toEqual(["<short record>"]);
  expect(bodies(11, [])).toEqual(["<short record>"]);
  expect(bodies(10, [])).toEqual(["<short record>"]);
});

test("a type that nobody knows shows its bytes, and to the kernel is unknown", () => {
  expect(bodies(999, [[4, 0x01020304]])).toEqual(["type 999: 04 03 02 01"]);
  const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, 999, 7, [[4, 1]]))]);
  expect(madeLines(bytes, { asKernel: { release: "7.3.4" } })[0]).toMatch(/Unknown type 999$/);
});

test("mmiotrace's events have no printer in an instance", () => {
  const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, 7, 7, Array<Part>(8).fill([8, 0])))]);
  expect(madeLines(bytes, { asKernel: { release: "7.3.4" } })[0]).toMatch(/Unknown type 7$/);
});

test("flags: lazy rescheduling is a flag since 6.13, before it meant no support", () => {
  const bytes = madeImage(LE64, [
    (page) => page.event(0, payload(LE64, 5, 0, [[8, F1], "x\n"], 0x02 | 0x40 | 0x08, 0x31)),
  ]);
  expect(madeLines(bytes)[0]).toMatch(/\[000\] \.lZ13 /);
  expect(madeLines(bytes, {}, { release: "6.12.1" })[0]).toMatch(/\[000\] X\.Z13 /);
});

test("times: rounded to microseconds; beyond 2^53 exact all the same", () => {
  const event = payload(LE64, 5, 0, [[8, F1], "x\n"]);
  const at = (time: bigint): string => {
    const line = madeLines(madeImage(LE64, [(page) => page.event(0, event)], time))[0]!;
    return /\S+ +([0-9.]+): /.exec(line.slice(line.indexOf("]")))![1]!;
  };
  expect(at(1_000_000_499n)).toBe("1.000000");
  expect(at(1_000_000_500n)).toBe("1.000001");
  expect(at(1_999_999_999n)).toBe("2.000000");
  expect(at(1_763_860_000_123_456_789n)).toBe("1763860000.123457");
  expect(at(0xffff_ffff_ffff_0000n)).toBe("18446744073.709486");
});

test("odd values: numbers without a sign, a division by 32 bits, a CPU below 0", () => {
  const hwlat: Part[] = [
    [8, 1],
    [8, 2],
    [8, 0],
    [8, -102],
    [8, 29],
    [4, 0],
    [4, 17],
    [4, 22],
    [4, 0],
  ];
  const asKernel = (type: number, parts: readonly Part[], release: string): string[] =>
    madeLines(madeImage(LE64, [(page) => page.event(0, payload(LE64, type, 7, parts))]), {
      asKernel: { release },
    }).map((line) => line.replace(/^.*?1\.000000: /, ""));
  expect(asKernel(16, hwlat, "7.3.4")).toEqual([
    "#17    inner/outer(us):    1/2     ts:18446744073709551514.000000029 count:22",
  ]);
  expect(asKernel(16, hwlat, "6.18.2")).toEqual(["#17    inner/outer(us):    1/2     ts:-102.000000029 count:22"]);
  const osnoise: Part[] = [[8, 7], [8, 131261796205n], [8, 35], ...new Array<Part>(5).fill([4, 1])];
  expect(bodies(17, osnoise)[0]).toMatch(/^131261796205 {10}7 5440\.27809 /);
  const woken: Part[] = [
    [4, 1],
    [4, 2],
    [4, -1],
    [1, 120],
    [1, 9],
    [1, 120],
    [1, 200],
  ];
  expect(bodies(3, woken)).toEqual(["       1:120:\0   + [-01]       2:120:? <...>"]);
});

test("a stack that the kernel has no room for ends before the piece that does not fit, wherever that is", () => {
  /** TRACE_SEQ_BUFFER_SIZE on 64 bits, less the byte that ends the text. */
  const ROOM = 8155;
  const image = readImage(new MemorySource(madeImage(LE64, [(page) => page.event(0, payload(LE64, 1, 7, [[8, F1]]))])));
  const { text } = openTrace(image, { release: "7.3.4", formats: new Map() });
  const kept = (callers: string, before: number) => {
    const body = `<stack trace>\n${callers}`;
    const line = text.fit("x".repeat(before), body, 4).replace(/\[LINE TOO BIG\]\n$/, "");
    expect(line.startsWith(`${"x".repeat(before)}<stack trace>\n`)).toBe(true);
    return line.slice(before + "<stack trace>\n".length);
  };
  // What is left behind `<stack trace>` and one caller.
  const first = " => some_function <ffffffff81000000>\n";
  const left = (room: number) => kept(`${first}${first}`, ROOM - "<stack trace>\n".length - first.length - room);
  expect(left(3)).toBe(first);
  expect(left(4)).toBe(`${first} => `);
  expect(left(16)).toBe(`${first} => `);
  expect(left(17)).toBe(`${first} => some_function`);
  expect(left(35)).toBe(`${first} => some_function`);
  expect(left(36)).toBe(`${first}${first.trimEnd()}`);
  expect(left(37)).toBe(`${first}${first}`);
  const trampoline = " => [FTRACE TRAMPOLINE]\n";
  const behind = (room: number) => kept(trampoline, ROOM - "<stack trace>\n".length - room);
  expect([behind(23), behind(24)]).toEqual([" => ", trampoline]);
});

test("a 32-bit kernel's seconds are an unsigned long", () => {
  // 7.2.13+deb14-armmp-lpae: an event at 1.009594, 281474976710655 ns after the last one.
  const parts: Part[] = [
    [4, 0xffffffff],
    [4, 0xffffffff],
    [2, 65535],
    [2, 65535],
    [4, 0xffffffff],
  ];
  const bytes = madeImage(LE32, [(page) => page.event(0, payload(LE32, 20, 7, parts))], 1_009_594_000n);
  const line = (options: TraceSpec): string => madeLines(bytes, options)[0]!.replace(/^.*?1\.009594: /, "");
  expect(line({ asKernel: { release: "7.2.13" } })).toMatch(/\(repeats: 65535, last_ts: 1266593415\.742\d{3}\)$/);
  expect(line({})).toMatch(/last_ts: 18446462599\.742\d{3}\)$/);
});

test("hwlat tells no time of NMIs where the kernel's clock is not safe in them", () => {
  // 7.2.13+deb14-cloud-arm64: `#27    inner/outer(us): ... count:65536 nmi-count:4294967294`.
  const parts: Part[] = [
    [8, 1],
    [8, 2],
    [8, 8388608],
    [8, 5],
    [8, 6],
    [4, -2],
    [4, 27],
    [4, 65536],
    [4, 0],
  ];
  const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, 16, 7, parts))]);
  const line = (symbols: string): string =>
    madeLines(bytes, {}, { kallsyms: new Kallsyms(Buffer.from(symbols)) })[0]!.replace(/^.* count:/, "");
  expect(line("ffff800080000000 T sched_clock_register\n")).toBe("65536 nmi-count:4294967294");
  expect(line(KALLSYMS)).toBe("65536 nmi-total:8388608 nmi-count:4294967294");
});
