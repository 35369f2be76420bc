import { describe, expect, test } from "@jest/globals";
import { eventsText } from "../../src/export/text/stream.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import { openTrace } from "../../src/trace/open.js";
import { formatText } from "../support/formats.js";
import { KALLSYMS, LE64, madeImage, madeLines, type Part, payload } from "../support/made-events.js";

/** What kernels read behind records that are too short (6.12.107, 6.17.13, 6.19.14, 7.0.13 and 7.3.4 printed forged ones so). */

const TWO = parseFormat(
  formatText(
    [
      ["u64 a", 8, 8, 0],
      ["u64 b", 16, 8, 0],
    ],
    '"a=%llu b=%llu", REC->a, REC->b',
    "two",
  ),
  LE64,
);
const UNKNOWN = 999;
const STACK = 4;

type Event = readonly [type: number, parts: readonly Part[]];

/** The texts of events behind the columns. */
function texts(cpus: readonly (readonly Event[])[], options: string): string[] {
  let time = 0;
  const bytes = madeImage(
    LE64,
    cpus.map((events) => (page) => {
      for (const [type, parts] of events) page.event(time++, payload(LE64, type, 77, parts));
    }),
  );
  const trace = openTrace(
    readImage(new MemorySource(bytes)),
    { formats: new Map([[TWO.id, TWO]]), kallsyms: new Kallsyms(Buffer.from(KALLSYMS)) },
    { asKernel: { release: "7.3.4" }, traceOptions: parseTraceOptions(options) },
  );
  const lines = Buffer.concat([...eventsText(trace)])
    .toString("latin1")
    .split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/^.*?\d(\.\d{6}|us[^:]*): /, ""));
}

const whole = (a: number, b: number): Event => [
  TWO.id,
  [
    [8, a],
    [8, b],
  ],
];
const short: Event = [TWO.id, [[8, 3]]];

describe("behind a record that is too short", () => {
  const cpus = [[whole(1, 5), short], [whole(2, 7)]];

  test("stands what a longer one of its CPU left", () => {
    expect(texts(cpus, "print-parent")).toEqual(["two: a=1 b=5", "two: a=3 b=5", "two: a=2 b=7"]);
  });

  test("in the latency format, what one of any CPU left that was printed before it", () => {
    const late = [[whole(1, 5)], [whole(2, 7), short]];
    expect(texts(late, "latency-format")).toEqual(["two: a=1 b=5", "two: a=2 b=7", "two: a=3 b=7"]);
    const other: Event = [TWO.id, [[8, 3]]];
    expect(texts([[whole(1, 5), whole(9, 9)], [other]], "latency-format").at(-1)).toBe("two: a=3 b=9");
    expect(texts([[whole(1, 5), whole(9, 9)], [other]], "print-parent").at(-1)).toBe("two: a=3 b=0");
  });

  test("in the latency format, what a large one left, for which a buffer was made; zeros at first", () => {
    const large: Event = [UNKNOWN, new Array<Part>(40).fill([4, -1])];
    expect(texts([[large, short]], "latency-format").at(-1)).toBe(`two: a=3 b=${2n ** 64n - 1n}`);
    expect(texts([[short]], "latency-format")).toEqual(["two: a=3 b=0"]);
  });

  test("stands the rest of one of ftrace's own events", () => {
    const parts: Part[] = [
      [4, 11],
      [4, 12],
      [4, 3],
      [1, 120],
      [1, 0],
      [1, 100],
      [1, 2],
    ];
    const cpu: Event[] = [
      [2, parts],
      [2, [[4, 99]]],
    ];
    const [whole = "", cut] = texts([cpu], "print-parent");
    expect(whole).toContain("11:120:R ==> [003]      12:100:D ");
    expect(cut).toBe(whole.replace(" 11:", " 99:"));
    // Nothing is in a first record's copy but zeros.
    expect(texts([cpu.slice(1)], "print-parent")[0]).toContain("99:  0:R ==> [000]       0:  0:R ");
  });

  test("stands the rest of a stack's last entry, too", () => {
    const F1 = 0xffffffff81001000n;
    const stack: Event = [
      STACK,
      [
        [4, 1],
        [4, 0],
        [8, F1],
        [4, 0x81001000],
      ],
    ];
    const stacks = (options: string) => texts([[[UNKNOWN, new Array<Part>(8).fill([4, -1])], stack]], options);
    for (const options of ["print-parent", "latency-format"])
      expect(stacks(options).slice(-3)).toEqual(["<stack trace>", " => first_function", " => first_function"]);
  });
});

test("in the latency format an unknown type is told as that of its CPU's next event, if there is one", () => {
  const unknown: Event = [UNKNOWN, [[8, 1]]];
  const cpus = [[unknown, whole(1, 5), unknown], [whole(2, 7)]];
  const of = (options: string) => texts(cpus, options).filter((text) => text.startsWith("Unknown"));
  expect(of("print-parent")).toEqual(["Unknown type 999", "Unknown type 999"]);
  expect(of("latency-format")).toEqual([`Unknown type ${TWO.id}`, "Unknown type 999"]);
  expect(of("latency-format,nocontext-info")).toEqual(["Unknown type 999", "Unknown type 999"]);
});

test("of a system call's buffer with a length below 0 no byte is read (7.3.4's own text)", () => {
  const fields: Parameters<typeof formatText>[0] = [
    ["int __syscall_nr", 8, 4, 1],
    ["unsigned int fd", 16, 8, 0],
    ["const char * buf", 24, 8, 0],
    ["size_t count", 32, 8, 0],
    ["loff_t pos", 40, 8, 0],
    ["__data_loc char[] __buf_val", 48, 4, 0],
  ];
  const format = parseFormat(formatText(fields, '""', "sys_enter_pwrite64"), LE64, "syscalls");
  const parts: Part[] = [
    [4, 18],
    [4, 0],
    [8, -1],
    [8, 0xffffffffffff],
    [8, 0x7fffffffffffffffn],
    [8, 0x3f],
    [4, 0xfffb9000],
  ];
  const bytes = madeImage(LE64, [(page) => page.event(0, payload(LE64, format.id, 77, parts))]);
  const [line] = madeLines(
    bytes,
    { asKernel: { release: "7.3.4" } },
    { formats: new Map([[format.id, format]]), kallsyms: undefined },
  );
  expect(line).toContain(
    ": sys_pwrite64(fd: 0xffffffffffffffff, buf: 0xffffffffffff (, ...), count: 0x7fffffffffffffff, pos: 0x3f)",
  );
});
