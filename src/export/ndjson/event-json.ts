import type { FixedField, FixedLayout } from "../../events/builtin/layout.js";
import type { FixedReader } from "../../events/builtin/record.js";
import type { Origin } from "../../events/clock.js";
import type { TraceEvent } from "../../events/event.js";
import { type FieldValue, numberReader } from "../../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../../events/fields.js";
import type { TaskNames } from "../../events/names.js";
import { Stamp, type TextSink } from "../../print/text-sink.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import { jsonText, quoteJson, writeJsonText } from "./strings.js";

export interface EventJsonFacts {
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  readonly origin: Origin;
  readonly reader: FixedReader;
  readonly formats: ReadonlyMap<number, EventFormat>;
  /** The name and the layout of a fixed event, for types without a format file. */
  name(type: number): string | undefined;
  layout(type: number): FixedLayout | undefined;
  readonly names: TaskNames;
  flags(flags: number, preemptCount: number): string;
  /** Writes what the kernel would print behind the columns. */
  text(event: TraceEvent, type: number, out: TextSink): void;
  /** name+offset of an address in the kernel or a module. */
  symbol(address: bigint): string | undefined;
  /** Numbers of 64 bits as numbers, where 2^53 holds them; strings otherwise. */
  readonly numbers: boolean;
}

/** Writes something of an event. */
type Writer = (event: TraceEvent, out: TextSink) => void;

/** One kind of event: what stands before its fields, the fields, and the symbols among them. */
interface Kind {
  readonly head: Stamp;
  readonly fields: Writer;
  readonly symbols?: Writer | undefined;
}

const CPU = new Stamp('{"cpu":');
const TIME = new Stamp(',"time":');
const COMM = new Stamp(',"comm":');
const FLAGS = new Stamp(',"flags":"');
const FIELDS = new Stamp('","fields":{');
const FIELDS_AFTER_LOST = new Stamp(',"fields":{');
const SYMBOLS = new Stamp(',"symbols":{');
const TEXT = new Stamp(',"text":"');
const SUBBUF = new Stamp(',"subbuf":{"id":');
const INDEX = new Stamp(',"index":');
const OFFSET = new Stamp('},"offset":');
const QUOTE = 34;
const COMMA = 44;
const CLOSE = 125;
const NEWLINE = 10;

/** Events as JSON, an object each (schemas/events.json). Text is one character a byte. */
export class EventJson {
  private readonly kinds = new Map<number, Kind>();
  private readonly symbols: SymbolsJson;
  /** The origin where it is a number, so that most times are plain sums. */
  private readonly start: number;

  constructor(private readonly facts: EventJsonFacts) {
    this.symbols = new SymbolsJson(facts.symbol);
    this.start = Number(facts.origin.value);
  }

  /** Writes one event. */
  write(event: TraceEvent, type: number, out: TextSink): void {
    const { facts } = this;
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      kind = this.kind(type);
      this.kinds.set(type, kind);
    }
    const { page, pid } = event;
    out.stamp(CPU);
    out.dec(event.cpu);
    out.stamp(TIME);
    this.time(event, out);
    out.stamp(kind.head);
    out.dec(pid);
    out.stamp(COMM);
    writeJsonText(facts.names.at(pid, event.position), out);
    out.stamp(FLAGS);
    out.text(facts.flags(event.flags, event.preemptCount));
    const doubt = page.doubts?.get(event.record);
    if (event.lost === 0 && page.bounds === undefined && doubt === undefined) out.stamp(FIELDS);
    else {
      out.char(QUOTE);
      if (event.lost !== 0) out.text(`,"lost":${event.lost < 0 ? "true" : event.lost}`);
      if (page.bounds !== undefined) out.text(`,"timeBounds":${boundsJson(event, page.bounds)}`);
      if (doubt !== undefined) out.text(`,"doubt":${JSON.stringify(doubt)}`);
      out.stamp(FIELDS_AFTER_LOST);
    }
    kind.fields(event, out);
    out.char(CLOSE);
    kind.symbols?.(event, out);
    out.stamp(TEXT);
    const from = out.at;
    facts.text(event, type, out);
    out.dropLast(from, NEWLINE);
    quoteJson(from, out);
    out.stamp(SUBBUF);
    out.dec(page.id);
    out.stamp(INDEX);
    out.dec(page.index);
    out.stamp(OFFSET);
    out.dec(event.offset);
    out.char(CLOSE);
  }

  private time(event: TraceEvent, out: TextSink): void {
    const time = this.start + event.t;
    const exact = this.start <= Number.MAX_SAFE_INTEGER && time >= 0 && time <= Number.MAX_SAFE_INTEGER;
    const quoted = !(exact && this.facts.numbers);
    if (quoted) out.char(QUOTE);
    if (exact) out.dec(time);
    else out.text(String(event.exactTime()));
    if (quoted) out.char(QUOTE);
  }

  private kind(type: number): Kind {
    const { facts } = this;
    const format = facts.formats.get(type);
    const layout = facts.layout(type);
    const name = format?.name ?? facts.name(type);
    let text = `,"type":${type}`;
    if (name !== undefined) text += `,"event":${jsonText(name)}`;
    const system = format ? format.system : name === undefined ? undefined : "ftrace";
    if (system !== undefined && system !== "") text += `,"system":${jsonText(system)}`;
    const head = new Stamp(`${text},"pid":`);
    if (format !== undefined) return { head, ...this.formatFields(format) };
    if (layout !== undefined) return { head, ...this.fixedFields(layout) };
    return { head, fields: (event, out) => out.text(`"data":"${hex(event)}"`) };
  }

  private formatFields(format: EventFormat): Pick<Kind, "fields" | "symbols"> {
    const { littleEndian, longSize, numbers } = this.facts;
    const plans = fieldPlans(format, littleEndian);
    const parts = plans.map((plan, i) => ({
      key: new Stamp(`${i === 0 ? "" : ","}${jsonText(plan.key)}:`),
      write: fieldWriter(plan, littleEndian, numbers),
    }));
    const addresses = plans
      .filter(({ kind, size, signed }) => size === longSize && (kind === "pointer" || (kind === "number" && !signed)))
      .map(({ key, offset }) => ({ offset, key: `${jsonText(key)}:` }));
    return {
      fields: (event, out) => {
        for (const { key, write } of parts) {
          out.stamp(key);
          write(event, out);
        }
      },
      symbols: this.symbols.writer(addresses, longSize, littleEndian),
    };
  }

  private fixedFields(layout: FixedLayout): Pick<Kind, "fields" | "symbols"> {
    const { reader, longSize, littleEndian, numbers } = this.facts;
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
      .filter(([, field]) => !field.text && field.count === undefined && field.size === longSize && !field.signed)
      .map(([name, { offset }]) => ({ key: `"${name}":`, offset }));
    return {
      fields: (event, out) => {
        let first = true;
        for (const [name, field] of layout) {
          out.text(`${first ? "" : ","}"${name}":${valueJson(read(event, field), numbers)}`);
          first = false;
        }
      },
      symbols: this.symbols.writer(addresses, longSize, littleEndian),
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

  constructor(private readonly symbol: EventJsonFacts["symbol"]) {}

  /** Writes `,"symbols":{...}` where any of the fields is an address of a symbol. */
  writer(
    fields: readonly { readonly key: string; readonly offset: number }[],
    longSize: 4 | 8,
    littleEndian: boolean,
  ): Writer | undefined {
    if (fields.length === 0) return undefined;
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
      const text = this.symbol((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
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

/** Between which times an event lies whose own is an estimate. */
function boundsJson(event: TraceEvent, { early, late }: NonNullable<TraceEvent["page"]["bounds"]>): string {
  const time = event.exactTime();
  const low = time > early ? time - early : 0n;
  const high = time + late > MAX_U64 ? MAX_U64 : time + late;
  return `["${low}","${high}"]`;
}

const MAX_U64 = 2n ** 64n - 1n;

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
