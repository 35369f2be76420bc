import type { FixedField, FixedLayout } from "../../events/builtin/layout.js";
import type { TraceEvent } from "../../events/event.js";
import { type FieldValue, isTexts, numberReader } from "../../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../../events/fields.js";
import { wordFields } from "../../events/writer-doubts.js";
import { Stamp, type TextSink } from "../../print/text-sink.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { Trace } from "../../trace/trace.js";
import { enumsWriter } from "./enums-json.js";
import { jsonText, textsJson, writeJsonText } from "./strings.js";

/** Writes something of an event. */
type Writer = (event: TraceEvent, out: TextSink) => void;

/** The fields of one kind of event. */
export interface FieldsOfKind {
  /** Writes what stands between the braces. */
  readonly fields: Writer;
  /** Writes `,"symbols":{...}` where any of the fields is an address of a symbol. */
  readonly symbols?: Writer | undefined;
  /** Writes `,"enums":{...}` where any of the fields is an enum's value that has a name. */
  readonly enums?: Writer | undefined;
}

const SYMBOLS = new Stamp(',"symbols":{');
const QUOTE = 34;
const COMMA = 44;
const CLOSE = 125;

/** Events' fields as JSON, each kind's writer made when its first event comes. */
export class FieldsJson {
  private readonly kinds = new Map<number, FieldsOfKind>();
  private readonly symbols: SymbolsJson;

  /**
   * @param numbers numbers of 64 bits as numbers, where 2^53 holds them; strings otherwise
   * @param enumNames with the names of enums' values
   */
  constructor(
    private readonly trace: Trace,
    private readonly numbers: boolean,
    private readonly enumNames = false,
  ) {
    this.symbols = new SymbolsJson(trace);
  }

  of(type: number): FieldsOfKind {
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      kind = this.make(type);
      this.kinds.set(type, kind);
    }
    return kind;
  }

  private make(type: number): FieldsOfKind {
    const format = this.trace.writer.formats.get(type);
    if (format !== undefined) return this.formatFields(format);
    const layout = this.trace.text.fixedLayout(type);
    if (layout !== undefined) return this.fixedFields(layout);
    return { fields: (event, out) => out.text(`"data":"${hex(event)}"`) };
  }

  private formatFields(format: EventFormat): FieldsOfKind {
    const { numbers } = this;
    const { abi } = this.trace.image.layout;
    const { littleEndian } = abi;
    const plans = fieldPlans(format, littleEndian);
    const parts = plans.map((plan, i) => ({
      key: new Stamp(`${i === 0 ? "" : ","}${jsonText(plan.key)}:`),
      write: fieldWriter(plan, littleEndian, numbers),
    }));
    const addresses = wordFields(format, abi).map(({ key, offset }) => ({ offset, key: `${jsonText(key)}:` }));
    return {
      fields: (event, out) => {
        for (const { key, write } of parts) {
          out.stamp(key);
          write(event, out);
        }
      },
      symbols: this.symbols.writer(addresses),
      enums: this.enumNames ? enumsWriter(plans, this.trace.writer.types) : undefined,
    };
  }

  private fixedFields(layout: FixedLayout): FieldsOfKind {
    const { numbers } = this;
    const { reader } = this.trace.text;
    const read = (event: TraceEvent, field: FixedField): FieldValue => {
      if (field.text) return reader.text(event, field);
      if (field.count === undefined) {
        if (field.offset + field.size > event.dataSize) return undefined;
        const value = reader.value(event, field);
        return field.size <= 4 ? Number(value) : value;
      }
      const values: (number | bigint)[] = [];
      const room = Math.floor((event.dataSize - field.offset) / field.size);
      for (let i = 0; i < Math.min(field.count || room, room, 4096); i++) {
        const value = reader.value(event, field, i);
        values.push(field.size <= 4 ? Number(value) : value);
      }
      return values;
    };
    const addresses = [...layout]
      .filter(
        ([, field]) => !field.text && field.count === undefined && field.size === reader.longSize && !field.signed,
      )
      .map(([name, { offset }]) => ({ key: `"${name}":`, offset }));
    return {
      fields: (event, out) => {
        let first = true;
        for (const [name, field] of layout) {
          out.text(`${first ? "" : ","}"${name}":${valueJson(read(event, field), numbers)}`);
          first = false;
        }
      },
      symbols: this.symbols.writer(addresses),
    };
  }
}

interface SeenAddress {
  readonly hi: number;
  readonly lo: number;
  /** The symbol as JSON; undefined where the address is in none. */
  readonly stamp: Stamp | undefined;
}

/** Addresses that are remembered: a power of two. */
const SEEN_ADDRESSES = 4096;

/** The symbols of addresses, as JSON. */
class SymbolsJson {
  private readonly seen: (SeenAddress | undefined)[] = new Array<undefined>(SEEN_ADDRESSES).fill(undefined);

  constructor(private readonly trace: Trace) {}

  writer(fields: readonly { readonly key: string; readonly offset: number }[]): Writer | undefined {
    if (fields.length === 0) return undefined;
    const { littleEndian, longSize } = this.trace.image.layout.abi;
    const parts = fields.map(({ key, offset }) => ({ key: new Stamp(key), offset }));
    return (event, out) => {
      let any = false;
      for (const { key, offset } of parts) {
        if (offset + longSize > event.dataSize) continue;
        const at = event.data + offset;
        const hi = longSize === 4 ? 0 : event.view.getInt32(littleEndian ? at + 4 : at, littleEndian);
        const lo = event.view.getInt32(longSize === 4 || littleEndian ? at : at + 4, littleEndian);
        const symbol = this.of(hi, lo);
        if (symbol === undefined) continue;
        if (any) out.char(COMMA);
        else out.stamp(SYMBOLS);
        any = true;
        out.stamp(key);
        out.stamp(symbol);
      }
      if (any) out.char(CLOSE);
    };
  }

  private of(hi: number, lo: number): Stamp | undefined {
    const slot = (lo ^ (lo >>> 12)) & (SEEN_ADDRESSES - 1);
    let there = this.seen[slot];
    if (there === undefined || there.lo !== lo || there.hi !== hi) {
      const text = this.trace.symbol((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
      there = { hi, lo, stamp: text === undefined ? undefined : new Stamp(jsonText(text)) };
      this.seen[slot] = there;
    }
    return there.stamp;
  }
}

const NULL = new Stamp("null");
const HEX = new Stamp('"0x');

/** Writes a field's value as JSON. */
function fieldWriter(plan: FieldPlan, littleEndian: boolean, numbers: boolean): Writer {
  const { offset, size, kind, signed, get } = plan;
  const end = offset + size;
  if ((kind === "number" || kind === "pointer") && size === 8) {
    const high = offset + (littleEndian ? 4 : 0);
    const low = offset + (littleEndian ? 0 : 4);
    const pointer = kind === "pointer";
    return (event, out) => {
      if (end > event.dataSize) {
        out.stamp(NULL);
        return;
      }
      const hi = event.view.getInt32(event.data + high, littleEndian);
      const lo = event.view.getInt32(event.data + low, littleEndian);
      if (pointer) {
        out.stamp(HEX);
        out.hex64(hi, lo);
        out.char(QUOTE);
        return;
      }
      const quoted = !numbers || !isSafe(signed ? hi : hi >>> 0);
      if (quoted) out.char(QUOTE);
      if (signed) out.dec64s(hi, lo);
      else out.dec64u(hi, lo);
      if (quoted) out.char(QUOTE);
    };
  }
  if (kind === "number") {
    const read = numberReader(size, signed, littleEndian);
    return (event, out) => {
      if (end <= event.dataSize) out.dec(read(event.view, event.data + offset) as number);
      else out.stamp(NULL);
    };
  }
  if (kind === "pointer") return (event, out) => out.text(pointerJson(get(event)));
  return (event, out) => {
    const value = get(event);
    if (typeof value === "string") writeJsonText(value, out);
    else out.text(valueJson(value, numbers));
  };
}

function pointerJson(value: FieldValue): string {
  return typeof value === "bigint" || typeof value === "number" ? `"0x${value.toString(16)}"` : "null";
}

/** Whether 2^53 holds a number of 64 bits, by its high half. */
function isSafe(high: number): boolean {
  return high >= -0x200000 && high < 0x200000;
}

/** Whole numbers of 64 bits are strings: they can pass 2^53. What does not lie in the record is null. */
function valueJson(value: FieldValue, numbers: boolean): string {
  switch (typeof value) {
    case "number":
      return String(value);
    case "bigint":
      return numbers && isSafe(Number(value >> 32n)) ? String(value) : `"${value}"`;
    case "string":
      return jsonText(value);
    case "undefined":
      return "null";
    default: {
      if (isTexts(value)) return textsJson(value);
      // All of one kind, or a reader would have to look at each.
      const plain = value.every((each) => typeof each === "number" || (numbers && isSafe(Number(each >> 32n))));
      return `[${value.map((each) => (plain ? String(each) : `"${each}"`)).join(",")}]`;
    }
  }
}

function hex(event: TraceEvent): string {
  let text = "";
  for (let at = Math.min(8, event.dataSize); at < event.dataSize; at++)
    text += event.view
      .getUint8(event.data + at)
      .toString(16)
      .padStart(2, "0");
  return text;
}
