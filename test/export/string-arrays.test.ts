import { expect, test } from "@jest/globals";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { eventsText } from "../../src/export/text/stream.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { exported } from "../support/exporting.js";
import { formatText } from "../support/formats.js";
import { BE64, LE64, madeImage, madeLines, payload } from "../support/made-events.js";

/** `names=+0(...):string[3]`: a word for each string, one behind the other (process_fetch_insn_bottom(), 7.3). */
const DECLARED = "__data_loc char[][3] names";
const PRINT =
  '"(%lx) names={\\"%s\\",\\"%s\\",\\"%s\\"}", REC->__probe_ip, __get_str(names[0]), __get_str(names[1]), __get_str(names[2])';
const TEXT = formatText(
  [
    ["unsigned long __probe_ip", 8, 8, 0],
    [DECLARED, 16, 12, 1],
  ],
  PRINT,
  "kp_names",
);

/** The second could not be read: its length is 0. */
function made(abi = LE64): Uint8Array {
  const words = [28 | (3 << 16), 31, 31 | (5 << 16)];
  return madeImage(abi, [
    (page) =>
      page.event(
        10,
        payload(abi, 1000, 1, [[8, 0xffffffff81001004n], ...words.map((word) => [4, word] as const), "ab", 'c"d,']),
      ),
  ]);
}

const formats = (abi = LE64) => new Map([[1000, parseFormat(TEXT, abi, "lab")]]);
const trace = (spec: TraceSpec = {}) =>
  openTrace(readImage(new MemorySource(made())), { release: "7.3.4", formats: formats() }, spec);
const ONE: TraceSpec = { events: ["kp_names"] };

for (const [name, abi] of [
  ["little", LE64],
  ["big", BE64],
] as const)
  test(`all strings of a probe's array, ${name} endian`, () => {
    const lines = (spec: TraceSpec) => madeLines(made(abi), spec, { formats: formats(abi) });
    expect(lines({}).at(-1)).toContain('names={"ab",(fault),"c"d,"}');
    expect(lines({ traceOptions: parseTraceOptions("fields") }).at(-1)).toContain('names={"ab","","c"d,"}');
    // print_fields() of trace_output.c takes it for one string (filter_assign_type()).
    expect(lines({ traceOptions: parseTraceOptions("fields"), asKernel: { release: "7.3.4" } }).at(-1)).toMatch(
      / names=ab$/,
    );
  });

test("so with --raw", () => {
  let text = "";
  for (const chunk of eventsText(trace(), { raw: true })) text += chunk.toString("latin1");
  expect(text).toContain('names={"ab","","c"d,"}');
});

test("JSON has an array of strings", async () => {
  for (const format of ["ndjson", "chrome"]) {
    const { bytes } = await exported(format, trace());
    expect(bytes.toString()).toContain('"names":["ab","","c\\"d,"]');
  }
  const { bytes } = await exported("csv", trace());
  expect(bytes.toString()).toContain('""names"":[""ab"","""",""c\\""d,""]');
});

test("tables have its JSON as text, where one event has columns of its own", async () => {
  const { bytes } = await exported("parquet", trace(ONE));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const [row] = await parquetReadObjects({ file });
  expect(row!.field_names).toBe('["ab","","c\\"d,"]');
  const arrow = tableFromIPC((await exported("arrow", trace(ONE))).bytes);
  expect(arrow.get(0)!.toJSON().field_names).toBe('["ab","","c\\"d,"]');
});

test("perfetto has it as the kernel prints arrays", async () => {
  const { bytes } = await exported("perfetto", trace());
  expect(bytes.toString("latin1")).toContain('{"ab","","c"d,"}');
});

test("filters see the first, as kernels do", () => {
  const count = (filter: string) => Number(trace({ filter }).events().next() !== undefined);
  expect([count('names == "ab"'), count('names ~ "*d*"')]).toEqual([1, 0]);
});

test("a format with more strings than a probe can have is refused by name", () => {
  const text = TEXT.replace("[][3]", "[][65]").replace("size:12", "size:260");
  expect(() => parseFormat(text, LE64, "lab")).toThrow("65 strings: an argument has at most 64");
});
