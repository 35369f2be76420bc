import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { EventStream } from "../events/stream.js";
import type { Trace } from "../trace/trace.js";
import type { End, Parts } from "./parts.js";
import { Shortfalls } from "./shortfalls.js";
import type { Identity, Shortfall } from "./sink.js";
import type { Column } from "./table/columns.js";
import { BATCH_ROWS, EventRows } from "./table/event-rows.js";

const MAGIC = Buffer.from("PAR1", "latin1");

/** A row group a batch: what the end of the file says of those of a part, as if it were the first. */
type Facts = Pick<ParquetWriter, "row_groups" | "pendingIndexes" | "num_rows"> & {
  readonly size: number;
  readonly shortfalls: readonly Shortfall[];
};

export const parquetParts = (trace: Trace, identity: Identity): Parts => new ParquetParts(trace, identity);

class ParquetParts implements Parts<Facts> {
  readonly batch = BATCH_ROWS;
  readonly apart = true;
  readonly lead = 0;
  private readonly rows: EventRows;
  private readonly bytes = new ByteWriter();
  private writer: ParquetWriter;

  constructor(trace: Trace, identity: Identity) {
    this.rows = new EventRows(trace, identity);
    this.writer = this.begin();
  }

  head(): Buffer {
    return MAGIC;
  }

  *pieces(events: EventStream, most: number): Generator<Buffer> {
    const { rows } = this;
    this.writer = this.begin();
    for (const end = events.given + most; rows.fill(events, end); ) {
      // It waits for nothing: memory is written at once.
      void this.writer.write({
        columnData: rows.columns.map((column) => columnData(column, rows.count)),
        rowGroupSize: BATCH_ROWS,
      });
      yield this.taken();
    }
  }

  facts(): Facts {
    const { row_groups, pendingIndexes, num_rows } = this.writer;
    const size = this.bytes.offset - MAGIC.length;
    return { row_groups, pendingIndexes, num_rows, size, shortfalls: this.rows.shortfalls.take() };
  }

  end(parts: readonly Facts[]): End {
    const writer = this.begin();
    const shortfalls = new Shortfalls();
    for (const part of parts) {
      move(part, this.bytes.offset - MAGIC.length);
      writer.num_rows += part.num_rows;
      shortfalls.addAll(part.shortfalls);
      this.bytes.offset += part.size;
    }
    writer.row_groups = parts.flatMap(({ row_groups }) => row_groups);
    writer.pendingIndexes = parts.flatMap(({ pendingIndexes }) => pendingIndexes);
    void writer.finish();
    return { foot: this.taken(), shortfalls: shortfalls.list(), leftOut: 0 };
  }

  /** Begins a file; its first bytes are head(). */
  private begin(): ParquetWriter {
    const { bytes, rows } = this;
    bytes.offset = 0;
    bytes.index = 0;
    const writer = new ParquetWriter({
      writer: bytes,
      schema: [{ name: "events", num_children: rows.columns.length }, ...rows.columns.map(element)],
      createdBy: "rbtool",
    });
    bytes.index = 0;
    return writer;
  }

  private taken(): Buffer {
    const { buffer, index } = this.bytes;
    this.bytes.index = 0;
    return Buffer.from(buffer, 0, index);
  }
}

/** A part stands so many bytes further on. */
function move({ row_groups, pendingIndexes }: Facts, by: number): void {
  const bytes = BigInt(by);
  for (const { columns } of row_groups)
    for (const column of columns) {
      column.file_offset += bytes;
      const { meta_data } = column;
      if (meta_data === undefined) continue;
      meta_data.data_page_offset += bytes;
      if (meta_data.dictionary_page_offset !== undefined) meta_data.dictionary_page_offset += bytes;
    }
  for (const { offsetIndex } of pendingIndexes)
    for (const page of offsetIndex?.page_locations ?? []) page.offset += bytes;
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

/** Its values are made when its turn comes: those of all columns together are ten times what the columns take. */
function columnData(column: Column, rows: number): ColumnData {
  const { name } = column;
  const how = column.type === "text" ? AS_TEXT : name === "time" ? AS_TIME : {};
  return {
    name,
    get data() {
      return valuesOf(column, rows);
    },
    ...how,
  };
}

const AS_TEXT = { encoding: "PLAIN", statistics: false } as const;
const AS_TIME = { encoding: "DELTA_BINARY_PACKED" } as const;

function valuesOf(column: Column, rows: number): ColumnData["data"] {
  if (column.type === "text") return texts(column, rows);
  const values = column.type === "word" ? column.values.slice(0, rows) : column.values.subarray(0, rows);
  if (!column.nullable) return values;
  return Array.from<unknown, unknown>(values, (value, row) => (column.has(row) ? value : null));
}

function texts(column: Column & { readonly type: "text" }, rows: number): (Uint8Array | null)[] {
  const bytes = column.bytes(rows);
  return Array.from({ length: rows }, (_, row) =>
    column.has(row) ? bytes.subarray(column.ends[row], column.ends[row + 1]) : null,
  );
}
