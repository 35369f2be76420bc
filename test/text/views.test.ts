import { readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import { eventsText } from "../../src/export/text/stream.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import { openTrace } from "../../src/trace/open.js";
import type { Dump } from "../support/images.js";
import { compareLines, dumpContext, openDump, textDumps, textOf } from "../support/kernel-text.js";
import { countKinds, SHORT_OF_VIEWS } from "./shortfalls.js";

/** The files trace.VIEW.txt.gz, and how they were made. */
const VIEWS: Readonly<Record<string, string>> = {
  fields: "fields",
  latency: "latency-format",
  "latency-format": "latency-format",
  raw: "raw",
  hex: "hex",
  bin: "bin",
  verbose: "verbose,latency-format",
  symoffset: "sym-offset",
  symaddr: "sym-addr",
  nocontext: "nocontext-info",
  noparent: "noprint-parent",
  tgid: "record-tgid",
  nohash: "nohash-ptr",
  // The backup instance has the same events and options. One file of it is empty: that boot had none.
  backup: "print-parent",
};

function viewOf(dump: Dump, list: string): string {
  const { kernel, cpus } = dump.info;
  const trace = openTrace(openDump(dump), writingKernel(dumpContext(dump)), {
    traceOptions: parseTraceOptions(list),
    asKernel: { release: kernel, onlineCpus: cpus },
  });
  let text = "";
  for (const chunk of eventsText(trace)) text += chunk.toString("latin1");
  return text;
}

const given = textDumps.flatMap((dump) =>
  readdirSync(dump.path)
    .map((file) => ({ dump, file, view: /^trace\.(.+)\.txt\.gz$/.exec(file)?.[1] }))
    .filter(({ file, view }) => view !== undefined && textOf(dump, file) !== ""),
);

for (const { dump, file, view } of given) {
  test(`${dump.name}: the ${view} view is the kernel's, but for the known shortfalls`, () => {
    const list = VIEWS[view!];
    expect(list).toBeDefined();
    const count = compareLines(textOf(dump, file), viewOf(dump, list!));
    const kinds = countKinds(count.differing);
    const known = SHORT_OF_VIEWS[`${dump.name} ${view}`] ?? {};
    if (!isDeepStrictEqual(kinds, known)) expect(count.differing.slice(0, 10)).toEqual([]);
    expect(kinds).toEqual(known);
  });
}

if (given.length === 0) test.skip("no views of kernels", () => {});

test("a list of trace options is the kernel's words", () => {
  const options = parseTraceOptions("noprint-parent, sym-addr,hex,nohex");
  expect(options).toMatchObject({ printParent: false, symAddr: true, hex: false, hashPtr: true });
  expect(() => parseTraceOptions("raw,nonsense")).toThrow(/no option nonsense/);
  expect(() => parseTraceOptions("")).toThrow(/no option/);
});
