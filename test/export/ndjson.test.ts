import { expect, test } from "@jest/globals";
import { eventsJson } from "../../src/export/ndjson/stream.js";
import { jsonText } from "../../src/export/ndjson/strings.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { stats as statsReport } from "../../src/report/stats.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { type WritingKernel, writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { dumpContext, openDump, textDumps } from "../support/kernel-text.js";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { schemaOf } from "../support/schema.js";

const eventsMismatches = schemaOf("events");
const statsMismatches = schemaOf("stats");

const CHOSEN =
  /^(v7\.3-(all|graph|stack|func|empty|clock|kaslr)|v6\.12-(read|func)|v6\.18-graph|armhf.*|s390x.*|ppc.*)$/;
for (const dump of textDumps.filter(({ name }) => CHOSEN.test(name))) {
  test(`${dump.name}: events and statistics are what the schemas say, and count the same`, () => {
    const image = openDump(dump);
    const writer = writingKernel(dumpContext(dump));
    const view = openTrace(image, writer);
    let document = "";
    for (const chunk of eventsJson(view, { lines: false })) document += chunk.toString("latin1");
    const parsed = JSON.parse(Buffer.from(document, "latin1").toString("utf8")) as {
      events: { time: string; event: string }[];
    };
    expect(eventsMismatches(parsed)).toEqual([]);
    expect(parsed.events.length).toBe(view.entries());

    const stats = statsReport(view);
    expect(statsMismatches(JSON.parse(JSON.stringify(stats)))).toEqual([]);
    expect(stats.total).toBe(parsed.events.length);
    expect(stats.events.reduce((sum, { count }) => sum + count, 0)).toBe(stats.total);
    expect(stats.tasks.reduce((sum, { count }) => sum + count, 0)).toBe(stats.total);
    expect(stats.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(stats.total);
    if (parsed.events.length === 0) return;
    expect(stats.time!.first).toBe(parsed.events[0]!.time);

    let lines = "";
    for (const chunk of eventsJson(openTrace(image, writer), { lines: true, head: 50 }))
      lines += chunk.toString("latin1");
    const each = Buffer.from(lines, "latin1").toString("utf8").trimEnd().split("\n");
    expect(each.map((line) => JSON.parse(line) as unknown)).toEqual(parsed.events.slice(0, 50));
  });
}

test("numbers of 64 bits: strings, or with --numbers numbers where 2^53 holds them", () => {
  const values = [
    [0n, "0", 0],
    [-1n, "-1", -1],
    [2n ** 53n - 1n, "9007199254740991", Number.MAX_SAFE_INTEGER],
    [2n ** 53n, "9007199254740992", "9007199254740992"],
    [-(2n ** 53n), "-9007199254740992", -(2 ** 53)],
    [-(2n ** 53n) - 1n, "-9007199254740993", "-9007199254740993"],
    [-(2n ** 63n), "-9223372036854775808", "-9223372036854775808"],
  ] as const;
  const format = parseFormat(
    `name: widths
ID: 300
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:s64 value;	offset:8;	size:8;	signed:1;
	field:u64 unsigned_value;	offset:16;	size:8;	signed:0;
	field:int small;	offset:24;	size:4;	signed:1;
	field:void * where;	offset:32;	size:8;	signed:0;
	field:u64 list[2];	offset:40;	size:16;	signed:0;

print fmt: "%d", REC->small
`,
    LE64,
    "test",
  );
  const image = readImage(
    new MemorySource(
      madeImage(LE64, [
        (page) => {
          for (const [value] of values)
            page.event(
              1000,
              payload(LE64, 300, 1, [
                [8, value],
                [8, value],
                [8, 0xffffffffn],
                [8, 1n],
                [8, 1n],
                [8, value],
              ]),
            );
        },
      ]),
    ),
  );
  const writer: WritingKernel = { release: "7.3.4", formats: new Map([[300, format]]), kallsyms: undefined };
  const fieldsOf = (numbers: boolean) => {
    let lines = "";
    for (const chunk of eventsJson(openTrace(image, writer), { lines: true, numbers }))
      lines += chunk.toString("latin1");
    return lines
      .trimEnd()
      .split("\n")
      .map((line) => {
        const event = JSON.parse(line) as { time: unknown; fields: Record<string, unknown> };
        expect(schemaOf("events", "#/$defs/event")(event)).toEqual([]);
        return event;
      });
  };
  const unsigned = (value: bigint) => BigInt.asUintN(64, value);
  const plain = (value: bigint) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value));
  expect(fieldsOf(false)).toMatchObject(
    values.map(([value, text], i) => ({
      time: String(1_000_001_000 + 1000 * i),
      fields: {
        value: text,
        unsigned_value: String(unsigned(value)),
        small: -1,
        where: "0x1",
        list: ["1", String(unsigned(value))],
      },
    })),
  );
  expect(fieldsOf(true)).toMatchObject(
    values.map(([value, , number], i) => ({
      time: 1_000_001_000 + 1000 * i,
      fields: {
        value: number,
        unsigned_value: plain(unsigned(value)),
        small: -1,
        where: "0x1",
        list: unsigned(value) <= Number.MAX_SAFE_INTEGER ? [1, Number(value)] : ["1", String(unsigned(value))],
      },
    })),
  );
});

test("strings: UTF-8 stays, stray bytes and control characters are escaped", () => {
  const back = (text: string): unknown => JSON.parse(Buffer.from(jsonText(text), "latin1").toString("utf8"));
  expect(back('a"b\\c\n\t\x00\x1b')).toBe('a"b\\c\n\t\x00\x1b');
  expect(back(Buffer.from("größe 🦆", "utf8").toString("latin1"))).toBe("größe 🦆");
  expect(back("\xff\xc3")).toBe("\xff\xc3");
  // An encoded surrogate and an overlong form are no UTF-8.
  expect(back("\xed\xa0\x80\xc0\x80")).toBe("\xed\xa0\x80\xc0\x80");
});

test("a field that ends with its record is read; what reaches beyond it is null", () => {
  const format = parseFormat(
    `name: edges
ID: 300
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:int small;	offset:8;	size:4;	signed:1;
	field:short list[2];	offset:12;	size:4;	signed:1;
	field:u64 wide;	offset:16;	size:8;	signed:0;

print fmt: "%d", REC->small
`,
    LE64,
    "test",
  );
  const records = [
    [],
    [[4, 1]],
    [
      [4, 1],
      [4, 0x30002],
    ],
    [
      [4, 1],
      [4, 0x30002],
      [4, 4],
    ],
    [
      [4, 1],
      [4, 0x30002],
      [8, 4n],
    ],
  ] as const;
  const image = readImage(
    new MemorySource(
      madeImage(LE64, [
        (page) => {
          for (const parts of records) page.event(1, payload(LE64, 300, 1, parts));
        },
      ]),
    ),
  );
  const writer: WritingKernel = { release: "7.3.4", formats: new Map([[300, format]]), kallsyms: undefined };
  let lines = "";
  for (const chunk of eventsJson(openTrace(image, writer), { lines: true })) lines += chunk.toString("latin1");
  const fields = lines
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { fields: unknown }).fields);
  expect(fields).toEqual([
    { small: null, list: null, wide: null },
    { small: 1, list: null, wide: null },
    { small: 1, list: [2, 3], wide: null },
    { small: 1, list: [2, 3], wide: null },
    { small: 1, list: [2, 3], wide: "4" },
  ]);
});
