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
import type { Trace } from "../trace/trace.js";
import type { Parts } from "./parts.js";
import { Shortfalls } from "./shortfalls.js";
import type { Identity, Shortfall } from "./sink.js";
import type { Column } from "./table/columns.js";
import { BATCH_ROWS, EventRows } from "./table/event-rows.js";

/** Arrow's IPC stream: a record batch after the other. */
export function arrowParts(trace: Trace, identity: Identity): Parts<readonly Shortfall[]> {
  const rows = new EventRows(trace, identity);
  return {
    batch: BATCH_ROWS,
    apart: true,
    lead: 0,
    head() {
      const stream = streamOf(rows);
      return stream.subarray(0, schemaEnd(stream));
    },
    *pieces(events, most) {
      for (const end = events.given + most; rows.fill(events, end); ) {
        const stream = streamOf(rows);
        // Each is a stream of its own, with the schema before the batch and an end behind it: there is one of these in all.
        yield stream.subarray(schemaEnd(stream), stream.length - END.length);
      }
    },
    facts: () => rows.shortfalls.take(),
    end: (parts) => ({ foot: END, shortfalls: new Shortfalls().addAll(parts.flat()).list(), leftOut: 0 }),
  };
}

/** A message's first word, and its length: none. */
const END = Buffer.of(255, 255, 255, 255, 0, 0, 0, 0);

/** Encapsulated message: 0xffffffff, the length of what follows, and no body for a schema. */
function schemaEnd(stream: Buffer): number {
  return 8 + stream.readUInt32LE(4);
}

function streamOf({ columns, count }: EventRows): Buffer {
  const table = tableFromColumns(columns.map((column) => [column.name, arrowColumn(column, count)]));
  const { buffer, byteOffset, byteLength } = tableToIPC(table, { format: "stream" })!;
  return Buffer.from(buffer, byteOffset, byteLength);
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
