import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { type TraceEvent, timeBounds } from "../../src/events/event.js";
import { decodeLatin1 } from "../../src/ground/latin1.js";
import type { Trace } from "../../src/trace/trace.js";
import { askDuckDb } from "../support/duckdb.js";
import { chosenDumps, dumpTrace, exported, tornTrace } from "../support/exporting.js";
import { textDumps } from "../support/kernel-text.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = Record<string, unknown>;

async function parquetRows(file: Buffer): Promise<Row[]> {
  const { buffer, byteOffset, length } = file;
  return parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer });
}

function arrowRows(file: Buffer): Row[] {
  return tableFromIPC(file)
    .toArray()
    .map((row) => (row as { toJSON(): Row }).toJSON());
}

/** What a row must say, from the event itself and from what ndjson has of it. */
function wantedRows(trace: Trace, lines: Buffer): Row[] {
  const objects = lines
    .toString("utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const events = trace.events();
  return objects.map((object) => {
    const event = events.next() as TraceEvent;
    const bounds = timeBounds(event);
    return {
      host: "web-17",
      boot: null,
      image: trace.image.source.name,
      time: BigInt.asIntN(64, event.exactTime()),
      cpu: event.cpu,
      pid: event.pid,
      comm: decodeLatin1(trace.names.at(event.pid, event.position)),
      system: object.system ?? "",
      event: object.event ?? "",
      type: event.type,
      flags: object.flags,
      lost: event.lost,
      time_low: bounds?.low ?? null,
      time_high: bounds?.high ?? null,
      doubt: (object.doubt as string[] | undefined)?.join(" ") ?? null,
      subbuf_id: BigInt(event.page.id),
      offset: BigInt(event.offset),
      text: object.text,
      fields: object.fields,
    };
  });
}

/** The fields as an object: how their JSON is spelt is of no interest. */
const read = (row: Row): Row => ({ ...row, fields: JSON.parse(row.fields as string) as unknown });

const hash = (texts: readonly unknown[]): string => createHash("md5").update(texts.join("\n")).digest("hex");

async function checkTables(trace: Trace, name: string): Promise<void> {
  const identity = { host: "web-17" };
  const parquet = await exported("parquet", trace, identity);
  const arrow = await exported("arrow", trace, identity);
  const want = wantedRows(trace, (await exported("ndjson", trace)).bytes);
  expect([parquet.events, arrow.events]).toEqual([want.length, want.length]);
  expect((await parquetRows(parquet.bytes)).map(read)).toEqual(want);
  expect(arrowRows(arrow.bytes).map(read)).toEqual(want);
  const path = join(folder, `${name}.parquet`);
  writeFileSync(path, parquet.bytes);
  const [answer] = await askDuckDb(
    `select count(*)::int, coalesce(sum(time)::varchar, '0'), coalesce(sum(cpu)::int, 0), coalesce(sum(pid)::varchar, '0'),
     md5(coalesce(string_agg(text, chr(10) order by file_row_number), ''))
     from read_parquet('${path}', file_row_number = true)`,
  );
  const sum = (key: string) => want.reduce((total, row) => total + BigInt(row[key] as number), 0n);
  expect(answer).toEqual([
    want.length,
    String(sum("time")),
    Number(sum("cpu")),
    String(sum("pid")),
    hash(want.map(({ text }) => text)),
  ]);
}

const CHOSEN =
  /^(v7\.3-(all|graph|stack|empty|clock)|v6\.12-(read|rewind)|arm64.*few|armhf.*few|s390x.*few|ppc.*|g7\.3-probes|forged-s390x.*)$/;
test.each(chosenDumps(CHOSEN))("$name: DuckDB, hyparquet and Arrow read what the events say", async (dump) =>
  checkTables(dumpTrace(dump), dump.name),
);

test("torn memory: bounds of times and doubts are in the tables", async () => {
  const trace = tornTrace();
  const { estimates, doubts } = trace.marks();
  expect([estimates, doubts]).toEqual([true, true]);
  await checkTables(trace, "torn");
});

test("with one event, each of its fields has a column of its own type", async () => {
  const dump = textDumps.find(({ name }) => name === "v7.3-read")!;
  const trace = dumpTrace(dump, { events: ["sched_switch"] });
  const { bytes, events } = await exported("parquet", trace);
  expect(events).toBeGreaterThan(0);
  const path = join(folder, "switches.parquet");
  writeFileSync(path, bytes);
  const columns = await askDuckDb(
    `select name, type from parquet_schema('${path}') where name like 'field\\_%' escape '\\' order by name`,
  );
  expect(columns).toEqual([
    ["field_next_comm", "BYTE_ARRAY"],
    ["field_next_pid", "INT32"],
    ["field_next_prio", "INT32"],
    ["field_prev_comm", "BYTE_ARRAY"],
    ["field_prev_pid", "INT32"],
    ["field_prev_prio", "INT32"],
    ["field_prev_state", "INT64"],
  ]);
  const typed = (row: Row): unknown =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([key]) => key.startsWith("field_"))
        .map(([key, value]) => [key.slice(6), typeof value === "bigint" ? String(value) : value]),
    );
  const rows = await parquetRows(bytes);
  expect(rows.map(typed)).toEqual(rows.map(({ fields }) => JSON.parse(fields as string) as unknown));
  expect(arrowRows((await exported("arrow", trace)).bytes).map(typed)).toEqual(rows.map(typed));
});
