import type { FixedLayout } from "../events/builtin/layout.js";
import type { TraceEvent } from "../events/event.js";
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
export interface KindFacts {
  readonly littleEndian: boolean;
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** The fixed event that a type is, and where its fields lie. */
  builtin(type: number): string | undefined;
  layout(type: number): FixedLayout | undefined;
}

/** The kind that a type is; undefined where nothing tells. */
export function kindOf(type: number, facts: KindFacts): EventKind | undefined {
  const format = facts.formats.get(type);
  const fixed = facts.builtin(type);
  const name = format?.name ?? fixed;
  if (name === undefined) return undefined;
  const layout = format === undefined ? facts.layout(type) : undefined;
  return {
    type,
    system: format?.system ?? "ftrace",
    name,
    format,
    number(field) {
      const given = format?.fields.find((f) => f.name === field && (f.shape === "int" || f.shape === "pointer"));
      const place = given ?? layout?.get(field);
      return (
        place && numberOf(place.offset, place.size, given?.shape !== "pointer" && place.signed, facts.littleEndian)
      );
    },
  };
}

const TWO_32 = 2 ** 32;

/**
 * Reads without allocation. Of what is wider than 2^53 and unsigned (addresses), the low 53 bits: enough to tell one
 * kernel address from another.
 */
export function numberOf(offset: number, size: number, signed: boolean, le: boolean): NumberOf {
  const end = offset + size;
  const read = reader(size, signed, le);
  return (event) => (end <= event.dataSize ? read(event.view, event.data + offset) : Number.NaN);
}

function reader(size: number, signed: boolean, le: boolean): (view: DataView, at: number) => number {
  switch (size) {
    case 1:
      return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
    case 2:
      return signed ? (view, at) => view.getInt16(at, le) : (view, at) => view.getUint16(at, le);
    case 4:
      return signed ? (view, at) => view.getInt32(at, le) : (view, at) => view.getUint32(at, le);
    case 8:
      return (view, at) => {
        const hi = view.getUint32(le ? at + 4 : at, le);
        const lo = view.getUint32(le ? at : at + 4, le);
        return (signed ? hi | 0 : hi & 0x1fffff) * TWO_32 + lo;
      };
    default:
      return () => Number.NaN;
  }
}
