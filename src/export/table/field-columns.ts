import type { TraceEvent } from "../../events/event.js";
import { isTexts, numberReader } from "../../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../../events/fields.js";
import { globMatcher } from "../../events/select/glob.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { Trace } from "../../trace/trace.js";
import { textsJson } from "../ndjson/strings.js";
import { type Column, Int32Column, TextColumn, WideColumn } from "./columns.js";

/** A column of one field, and what puts an event's value there. */
export interface FieldColumn {
  readonly column: Column;
  put(row: number, event: TraceEvent): void;
}

/** The only event that the choice of events leaves; undefined where there are more. */
export function onlyEvent({ spec, writer }: Trace): EventFormat | undefined {
  if (spec.events === undefined) return undefined;
  const matchers = spec.events.map(globMatcher);
  const wanted = [...writer.formats.values()].filter(({ system, name }) =>
    matchers.some((matches) => matches(name) || matches(system) || matches(`${system}:${name}`)),
  );
  return wanted.length === 1 ? wanted[0] : undefined;
}

/** A column for each field, with the type that its declaration has; a record that is too short for one lacks it. */
export function fieldColumns(format: EventFormat, littleEndian: boolean, size: number): FieldColumn[] {
  return fieldPlans(format, littleEndian).map((plan) => fieldColumn(plan, littleEndian, size));
}

function fieldColumn(plan: FieldPlan, littleEndian: boolean, rows: number): FieldColumn {
  const { kind, offset, size, signed, get } = plan;
  const head = { name: `field_${plan.key}`, nullable: true };
  const end = offset + size;
  if ((kind === "number" || kind === "pointer") && size === 8) {
    const column = new WideColumn(head, signed ? "int64" : "uint64", rows);
    const high = offset + (littleEndian ? 4 : 0);
    const low = offset + (littleEndian ? 0 : 4);
    return {
      column,
      put(row, { view, data, dataSize }) {
        if (end <= dataSize)
          column.halves(row, view.getInt32(data + high, littleEndian), view.getInt32(data + low, littleEndian));
      },
    };
  }
  if (kind === "number" || kind === "pointer") {
    // An unsigned number of 32 bits has no type of its own in most engines.
    const column = size === 4 && !signed ? new WideColumn(head, "int64", rows) : new Int32Column(head, rows);
    const read = numberReader(size, signed, littleEndian);
    return {
      column,
      put(row, { view, data, dataSize }) {
        if (end <= dataSize) column.put(row, read(view, data + offset) as number);
      },
    };
  }
  const column = new TextColumn(head, rows);
  return {
    column,
    put(row, event) {
      const value = get(event);
      if (value === undefined) return;
      const sink = column.begin();
      const from = sink.at;
      if (isTexts(value)) {
        sink.text(textsJson(value));
        column.putUtf8(row);
        return;
      }
      sink.text(typeof value === "string" ? value : `[${String(value)}]`);
      column.put(row, from);
    },
  };
}
