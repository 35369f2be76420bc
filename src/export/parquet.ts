import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Trace } from "../trace.js";
import type { Exported, Identity, Sink } from "./format.js";
import type { Column } from "./table/columns.js";
import { BATCH_ROWS, EventRows } from "./table/event-rows.js";

/** A row group a batch. */
export async function writeParquet(trace: Trace, sink: Sink, identity: Identity): Promise<Exported> {
  const rows = new EventRows(trace, identity);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: "events", num_children: rows.columns.length }, ...rows.columns.map(element)],
    createdBy: "rbtool",
  });
  const events = trace.events();
  const flush = async (): Promise<void> => {
    await sink.write(bytes.getBytes(), events.given);
    bytes.index = 0;
  };
  const writeGroup = async (): Promise<void> => {
    if (rows.count === 0) return;
    await writer.write({
      columnData: rows.columns.map((column) => columnData(column, rows.count)),
      rowGroupSize: BATCH_ROWS,
    });
    rows.clear();
    await flush();
  };
  for (let event = events.next(); event !== undefined; event = events.next()) {
    rows.add(event);
    if (rows.full) await writeGroup();
  }
  await writeGroup();
  await writer.finish();
  await flush();
  return { events: events.given, shortfalls: rows.shortfalls.list() };
}

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

function element({ name, type, nullable }: Column): Element {
  const repetition = { name, repetition_type: nullable ? "OPTIONAL" : "REQUIRED" } as const;
  switch (type) {
    case "int32":
      return { ...repetition, type: "INT32" };
    case "int64":
      return { ...repetition, type: "INT64" };
    case "uint64":
      return { ...repetition, type: "INT64", converted_type: "UINT_64" };
    default:
      return { ...repetition, type: "BYTE_ARRAY", converted_type: "UTF8" };
  }
}

type ColumnData = Parameters<ParquetWriter["write"]>[0]["columnData"][number];

function columnData(column: Column, rows: number): ColumnData {
  const { name } = column;
  if (column.type === "text") return { name, data: texts(column, rows), encoding: "PLAIN", statistics: false };
  const values = column.type === "word" ? column.values.slice(0, rows) : column.values.subarray(0, rows);
  const data = column.nullable
    ? Array.from<unknown, unknown>(values, (value, row) => (column.has(row) ? value : null))
    : values;
  if (name === "time") return { name, data, encoding: "DELTA_BINARY_PACKED" };
  return { name, data };
}

function texts(column: Column & { readonly type: "text" }, rows: number): (Uint8Array | null)[] {
  const bytes = column.bytes(rows);
  return Array.from({ length: rows }, (_, row) =>
    column.has(row) ? bytes.subarray(column.ends[row], column.ends[row + 1]) : null,
  );
}
