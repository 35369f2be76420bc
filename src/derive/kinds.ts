import type { FixedLayout } from "../events/builtin/layout.js";
import type { TraceEvent } from "../events/event.js";
import { plainNumberReader } from "../events/field-access.js";
import type { EventFormat } from "../system/formats/parse-format.js";

/** A whole number of an event's record; NaN where the record is too short for it. */
export type NumberOf = (event: TraceEvent) => number;

/** A kind of event, as trackers are offered it: once, before the first event of the kind. */
export interface EventKind {
  readonly type: number;
  /** `ftrace` for the fixed events. */
  readonly system: string;
  readonly name: string;
  readonly format: EventFormat | undefined;
  /** Reads a field; undefined where the kind has none of this name that is a number. */
  number(field: string): NumberOf | undefined;
}

/** What tells the kinds of events apart. */
export interface EventKinds {
  readonly littleEndian: boolean;
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** The fixed event that a type is, and where its fields lie. */
  builtin(type: number): string | undefined;
  layout(type: number): FixedLayout | undefined;
}

/** The kind that a type is; undefined where nothing tells. */
export function kindOf(type: number, kinds: EventKinds): EventKind | undefined {
  const format = kinds.formats.get(type);
  const fixed = kinds.builtin(type);
  const name = format?.name ?? fixed;
  if (name === undefined) return undefined;
  const layout = format === undefined ? kinds.layout(type) : undefined;
  return {
    type,
    system: format?.system ?? "ftrace",
    name,
    format,
    number(field) {
      const given = format?.fields.find((f) => f.name === field && (f.shape === "int" || f.shape === "pointer"));
      const place = given ?? layout?.get(field);
      return (
        place && numberOf(place.offset, place.size, given?.shape !== "pointer" && place.signed, kinds.littleEndian)
      );
    },
  };
}

/** Reads a field of a record, if it lies in it. */
function numberOf(offset: number, size: number, signed: boolean, le: boolean): NumberOf {
  const end = offset + size;
  const read = plainNumberReader(size, signed, le);
  return (event) => (end <= event.dataSize ? read(event.view, event.data + offset) : Number.NaN);
}
