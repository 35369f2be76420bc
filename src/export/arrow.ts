import {
  Column as ArrowColumn,
  type Batch,
  batchType,
  type DataType,
  int32,
  int64,
  tableFromColumns,
  tableToIPC,
  uint64,
  utf8,
} from "@uwdata/flechette";
import type { Trace } from "../trace.js";
import type { Exported, Identity, Sink } from "./format.js";
import type { Column } from "./table/columns.js";
import { EventRows } from "./table/event-rows.js";

/** Arrow's IPC stream: a record batch after the other. */
export async function writeArrow(trace: Trace, sink: Sink, identity: Identity): Promise<Exported> {
  const rows = new EventRows(trace, identity);
  const events = trace.events();
  let begun = false;
  const writeBatch = async (): Promise<void> => {
    const stream = streamOf(rows);
    // Each is a stream of its own, with the schema before the batch and an end behind it: there is one of these in all.
    const from = begun ? schemaEnd(stream) : 0;
    begun = true;
    rows.clear();
    await sink.write(stream.subarray(from, stream.length - END.length), events.given);
  };
  for (let event = events.next(); event !== undefined; event = events.next()) {
    rows.add(event);
    if (rows.full) await writeBatch();
  }
  if (rows.count > 0 || !begun) await writeBatch();
  await sink.write(END, events.given);
  return { events: events.given, shortfalls: rows.shortfalls.list() };
}

/** A message's first word, and its length: none. */
const END = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** Encapsulated message: 0xffffffff, the length of what follows, and no body for a schema. */
function schemaEnd(stream: Uint8Array): number {
  return 8 + new DataView(stream.buffer, stream.byteOffset).getUint32(4, true);
}

function streamOf({ columns, count }: EventRows): Uint8Array {
  const table = tableFromColumns(columns.map((column) => [column.name, arrowColumn(column, count)]));
  return tableToIPC(table, { format: "stream" })!;
}

function arrowColumn(column: Column, length: number): ArrowColumn<unknown> {
  const type = TYPES[column.type]();
  const nullCount = column.nulls(length);
  const Type = batchType(type) as unknown as typeof Batch;
  const validity = column.present.subarray(0, nullCount === 0 ? 0 : (length + 7) >> 3);
  return new ArrowColumn([new Type({ length, nullCount, type, validity, ...buffers(column, length) })], type);
}

const TYPES: Readonly<Record<Column["type"], () => DataType>> = { int32, int64, uint64, word: utf8, text: utf8 };

function buffers(column: Column, length: number) {
  if (column.type === "text") {
    const values = column.bytes(length);
    return { values, offsets: column.ends.subarray(0, length + 1) };
  }
  if (column.type !== "word") return { values: column.values.subarray(0, length) };
  const offsets = new Int32Array(length + 1);
  for (let row = 0; row < length; row++)
    offsets[row + 1] = offsets[row]! + (column.has(row) ? Buffer.byteLength(column.values[row]!) : 0);
  const values = Buffer.allocUnsafe(offsets[length]!);
  for (let row = 0; row < length; row++) if (column.has(row)) values.write(column.values[row]!, offsets[row]!);
  return { values, offsets };
}
