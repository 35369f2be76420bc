import type { FixedField, FixedLayout } from "../builtin/layout.js";
import { bytesText, type FixedReader } from "../builtin/record.js";
import type { EventField, EventFormat } from "../format/parse-format.js";
import { dynamicPlace, type FieldValue, fieldGetter } from "../read/field-access.js";
import type { RingIter } from "../read/ring-iter.js";
import { jsonText } from "./strings.js";

export interface EventJsonFacts {
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  readonly reader: FixedReader;
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** The name and the layout of a fixed event, for types without a format file. */
  name(type: number): string | undefined;
  layout(type: number): FixedLayout | undefined;
  comm(pid: number): string;
  flags(flags: number, preemptCount: number): string;
  /** What the kernel would print behind the columns, without the newline. */
  text(event: RingIter, type: number): string;
  /** name+offset of an address in the kernel or a module. */
  symbol(address: bigint): string | undefined;
}

/** The fields of one kind of event as JSON, and the symbols among them. */
type FieldsJson = (event: RingIter) => { fields: string; symbols: string };

/** Events as JSON, an object each (schemas/events.json). Text is one character a byte. */
export class EventJson {
  private readonly kinds = new Map<number, { head: string; fields: FieldsJson }>();

  constructor(private readonly facts: EventJsonFacts) {}

  /** One event. The iterator stays. */
  json(event: RingIter, type: number): string {
    const { facts } = this;
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      kind = this.kind(type);
      this.kinds.set(type, kind);
    }
    const { fields, symbols } = kind.fields(event);
    const { page } = event;
    let text = `{"cpu":${event.cpu},"time":"${event.exactTime()}"${kind.head},"pid":${event.pid}`;
    text += `,"comm":${jsonText(facts.comm(event.pid))},"flags":"${facts.flags(event.flags, event.preemptCount)}"`;
    if (event.lost !== 0) text += `,"lost":${event.lost < 0 ? "true" : event.lost}`;
    text += `,"fields":{${fields}}`;
    if (symbols !== "") text += `,"symbols":{${symbols}}`;
    text += `,"text":${jsonText(facts.text(event, type))}`;
    return `${text},"subbuf":{"id":${page.id},"index":${page.index}},"offset":${event.offset}}`;
  }

  private kind(type: number): { head: string; fields: FieldsJson } {
    const { facts } = this;
    const format = facts.formats.get(type);
    const layout = facts.layout(type);
    const name = format?.name ?? facts.name(type);
    let head = `,"type":${type}`;
    if (name !== undefined) head += `,"event":${jsonText(name)}`;
    const system = format ? format.system : name === undefined ? undefined : "ftrace";
    if (system !== undefined && system !== "") head += `,"system":${jsonText(system)}`;
    if (format !== undefined) return { head, fields: this.formatFields(format) };
    if (layout !== undefined) return { head, fields: this.fixedFields(layout) };
    return { head, fields: (event) => ({ fields: `"data":"${hex(event)}"`, symbols: "" }) };
  }

  private formatFields(format: EventFormat): FieldsJson {
    const { littleEndian, longSize } = this.facts;
    const parts = format.fields
      .filter((field) => !field.common)
      .map((field) => ({
        key: `${jsonText(field.name)}:`,
        get: dynamicGetter(field, littleEndian),
        address: field.size === longSize && (field.shape === "pointer" || (field.shape === "int" && !field.signed)),
        pointer: field.shape === "pointer",
        wide: field.size === 8,
      }));
    return (event) => {
      let fields = "";
      let symbols = "";
      for (const part of parts) {
        const value = part.get(event);
        fields += `${fields === "" ? "" : ","}${part.key}${part.pointer ? pointerJson(value) : valueJson(value)}`;
        if (!part.address || value === undefined) continue;
        const symbol = this.facts.symbol(BigInt(value as number | bigint));
        if (symbol !== undefined) symbols += `${symbols === "" ? "" : ","}${part.key}${jsonText(symbol)}`;
      }
      return { fields, symbols };
    };
  }

  private fixedFields(layout: FixedLayout): FieldsJson {
    const { reader, longSize } = this.facts;
    const read = (event: RingIter, field: FixedField): FieldValue => {
      if (field.text) return reader.text(event, field);
      if (field.count === undefined)
        return field.offset + field.size <= event.dataSize ? reader.value(event, field) : undefined;
      const values: bigint[] = [];
      const room = Math.floor((event.dataSize - field.offset) / field.size);
      for (let i = 0; i < Math.min(field.count || room, room, 4096); i++) values.push(reader.value(event, field, i));
      return values;
    };
    return (event) => {
      let fields = "";
      let symbols = "";
      for (const [name, field] of layout) {
        const value = read(event, field);
        const narrow = typeof value === "bigint" && field.size <= 4 ? Number(value) : value;
        fields += `${fields === "" ? "" : ","}"${name}":${valueJson(narrow)}`;
        if (typeof value !== "bigint" || field.size !== longSize || field.signed) continue;
        const symbol = this.facts.symbol(value);
        if (symbol !== undefined) symbols += `${symbols === "" ? "" : ","}"${name}":${jsonText(symbol)}`;
      }
      return { fields, symbols };
    };
  }
}

function dynamicGetter(field: EventField, littleEndian: boolean): (event: RingIter) => FieldValue {
  // A field that runs to the record's end has no size of its own (`char buf[]`).
  if (field.shape === "array" && field.size === 0 && field.isString)
    return (event) => bytesText(event, field.offset, event.dataSize);
  const get = fieldGetter(field, littleEndian);
  if (field.shape !== "data_loc" && field.shape !== "rel_loc") return get;
  return (event) => (dynamicPlace(event, field, littleEndian) === undefined ? undefined : get(event));
}

function pointerJson(value: FieldValue): string {
  return typeof value === "bigint" || typeof value === "number" ? `"0x${value.toString(16)}"` : "null";
}

/** Whole numbers of 64 bits are strings: they can pass 2^53. What does not lie in the record is null. */
function valueJson(value: FieldValue): string {
  switch (typeof value) {
    case "number":
      return String(value);
    case "bigint":
      return `"${value}"`;
    case "string":
      return jsonText(value);
    case "undefined":
      return "null";
    default:
      return `[${value.map((each) => (typeof each === "bigint" ? `"${each}"` : String(each))).join(",")}]`;
  }
}

function hex(event: RingIter): string {
  let text = "";
  for (let at = Math.min(8, event.dataSize); at < event.dataSize; at++)
    text += event.view
      .getUint8(event.data + at)
      .toString(16)
      .padStart(2, "0");
  return text;
}
