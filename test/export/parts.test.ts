import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { tableFromIPC } from "apache-arrow";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { batches } from "../../src/commands/jobs/plan.js";
import { LearntNames, type NameChange } from "../../src/events/names.js";
import type { EventStream } from "../../src/events/stream.js";
import { exportFormat } from "../../src/export/registry.js";
import type { Shortfall } from "../../src/export/sink.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { Trace } from "../../src/trace/trace.js";
import { askTraceProcessor } from "../support/ask-trace-processor.js";
import { bigImage } from "../support/big-image.js";
import { askDuckDb } from "../support/duckdb.js";
import { exported } from "../support/exporting.js";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "rbtool-parts-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of two full batches and a bit. */
const IMAGE = bigImage(folder, 6.5);
const BATCH = 65_536;

function opened(spec: TraceSpec = {}): Trace {
  const image = readImage(new MemorySource(readFileSync(IMAGE), "image.bin"));
  const events = join(ROOT, "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");
  return openTrace(image, writingKernel(buildContext(loadContextFiles({ events }), image.layout.abi)), spec);
}

const whole = opened();
const total = whole.entries();
const parquet = await exported("parquet", whole);

/** The trace as two make it, who each know nothing of what the other has made. */
async function together(format: string, spec: TraceSpec): Promise<{ bytes: Buffer; shortfalls: readonly Shortfall[] }> {
  const partsOf = await exportFormat(format).parts!();
  const makers = [opened(spec), opened(spec)].map((trace) => {
    learn(trace);
    return { trace, cut: trace.cut()!, parts: partsOf(trace, {}) };
  });
  const [{ parts: first, cut }] = makers as [(typeof makers)[0]];
  const slices = cut.slices(100);
  const counts = slices.map((slice) => countOf(cut.events(slice)));
  const facts: unknown[] = [];
  const bytes = [Buffer.from(first.head())];
  const plan = batches(slices, counts, first.batch!);
  for (const [i, { slice, skip, most }] of plan.entries()) {
    const maker = makers[(i + 1) % 2]!;
    const events = maker.cut.events(slice);
    for (let passed = 0; passed < skip; passed++) events.next();
    for (const piece of maker.parts.pieces(events, most)) bytes.push(Buffer.from(piece));
    facts.push(structuredClone(maker.parts.facts()));
  }
  const { foot, shortfalls } = first.end(facts);
  return { bytes: Buffer.concat([...bytes, foot]), shortfalls };
}

function countOf(events: EventStream): number {
  while (events.next() !== undefined);
  return events.given;
}

function learn({ names, cut }: Trace): void {
  if (!(names instanceof LearntNames)) return;
  const stream = cut()!;
  const hearer = names.partHearer();
  for (const slice of stream.slices(1000)) for (const event of stream.everyEvent(slice)) hearer.hear(event);
  names.adopt(hearer.changes as NameChange[]);
}

const FORMATS = ["parquet", "arrow", "perfetto"] as const;

const SPECS: readonly (readonly [string, TraceSpec])[] = [
  ["all events", {}],
  ["one event, with a column for each of its fields", { events: ["sys_enter"] }],
  ["no event", { filter: "common_pid == 999999" }],
];

const CASES = FORMATS.flatMap((format) => SPECS.map(([what, spec]) => [format, what, spec] as const));

test.each(CASES)("%s, %s: made by several it is what one makes", async (format, _, spec) => {
  const one = await exported(format, opened(spec));
  const many = await together(format, spec);
  expect(many.shortfalls).toEqual(one.shortfalls);
  expect(many.bytes.equals(one.bytes)).toBe(true);
});

test("parquet: what the end says of each part's columns and pages is where they lie", async () => {
  const { bytes, events } = parquet;
  const file = Uint8Array.from(bytes).buffer;
  const metadata = parquetMetadata(file);
  const groups = metadata.row_groups;
  expect(groups.map(({ num_rows }) => Number(num_rows))).toEqual([BATCH, BATCH, events - 2 * BATCH]);
  let next = 4n;
  for (const { columns } of groups)
    for (const { file_offset, meta_data } of columns) {
      const { data_page_offset, dictionary_page_offset, total_compressed_size } = meta_data!;
      expect([file_offset, dictionary_page_offset ?? data_page_offset]).toEqual([next, next]);
      next += total_compressed_size;
    }
  // Texts and fields; those of the last part are few.
  const paged = groups.map(({ columns }) => columns.filter(({ offset_index_offset }) => offset_index_offset).length);
  expect(paged).toEqual([2, 2, 0]);
  // A few rows far inside the second part, by its pages.
  const [rowStart, rowEnd] = [BATCH + 60_000, BATCH + 60_003];
  const columns = ["time", "offset", "text", "fields"];
  const some = { file, metadata, columns, rowStart, rowEnd };
  expect(await parquetReadObjects({ ...some, useOffsetIndex: true })).toEqual(await parquetReadObjects(some));
});

test("DuckDB reads every part of a parquet file, and skips by what is said of each", async () => {
  const path = join(folder, "events.parquet");
  writeFileSync(path, parquet.bytes);
  const times = Array.from(whole.events(), (event) => event.exactTime());
  const bound = times[BATCH + 100]!;
  const [answer] = await askDuckDb(
    `select count(*)::int, min(time), max(time), count(*) filter (time < ${bound})::int from '${path}'`,
  );
  const before = times.filter((time) => time < bound).length;
  expect(answer).toEqual([total, times[0], times.at(-1), before]);
  expect(await askDuckDb(`select count(*)::int from '${path}' where time < ${bound}`)).toEqual([[before]]);
  expect(await askDuckDb(`select file_row_number::int from '${path}' where time = ${times.at(-1)!}`)).toEqual(
    times.flatMap((time, row) => (time === times.at(-1) ? [[row]] : [])),
  );
});

test("arrow: a record batch a part", async () => {
  const table = tableFromIPC((await exported("arrow", whole)).bytes);
  expect(table.batches.map(({ numRows }) => numRows)).toEqual([BATCH, BATCH, total - 2 * BATCH]);
});

test("perfetto: the real trace processor takes every part", async () => {
  const { bytes, events } = await exported("perfetto", whole);
  expect(events).toBe(total);
  const exits = countOf(opened({ events: ["sched_process_free"] }).events());
  const answers = askTraceProcessor(
    bytes,
    "select count(*) from ftrace_event",
    // It describes itself, in each part again.
    "select count(extract_arg(arg_set_id, 'prio')) from ftrace_event where name = 'sched_process_free'",
    "select count(*) from stats where value > 0 and name like '%generic%'",
  );
  if (answers === undefined) return;
  expect(answers).toEqual([[[String(total)]], [[String(exits)]], [["0"]]]);
});
