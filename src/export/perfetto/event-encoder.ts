import type { TraceEvent } from "../../events/event.js";
import { type FieldValue, isTexts, numberReader } from "../../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../../events/fields.js";
import { textsInBraces } from "../../print/runtime.js";
import { TextSink } from "../../print/text-sink.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { Trace } from "../../trace/trace.js";
import type { Shortfalls } from "../shortfalls.js";
import { ProtoWriter } from "./proto.js";
import { TYPED_EVENTS, type TypedEvent } from "./typed-events.js";

/** Writes what stands in an event behind its time and pid. */
export type EncodeEvent = (event: TraceEvent, out: ProtoWriter) => void;

/** FieldDescriptorProto.type */
const INT64 = 3;
const UINT64 = 4;
const STRING = 9;
const OPTIONAL = 1;
/** Field numbers in FtraceEvent that are free for events which describe themselves. */
const FIRST_DESCRIBED = 65536;
/** Such an event has no fields from here on. */
const MAX_DESCRIBED_FIELDS = 31;
/** GenericFtraceEvent, which carries the names with every event. */
const GENERIC = 327;
const TEXT = "text";

/** The trace processor has no room for CPUs from here on. */
export const MAX_CPU = 1024;

type EncodeField = (event: TraceEvent, out: ProtoWriter, number: number) => void;

interface Field {
  readonly name: string;
  readonly type: typeof INT64 | typeof UINT64 | typeof STRING;
  readonly encode: EncodeField;
}

/** How a kind of event is written. */
interface Encoder {
  readonly encode: EncodeEvent;
  /** GenericFtraceEventDescriptor, of one that describes itself. */
  readonly descriptor?: Buffer;
}

/** How each kind of event is written, worked out when its first comes. */
export class EventEncoders {
  private readonly made = new Map<number, Encoder>();
  /** Those of the part that is being written. */
  private readonly byType = new Map<number, EncodeEvent>();
  /** Descriptors that the part has, and of them those that no bundle has carried yet. */
  private readonly told = new Set<Buffer>();
  private fresh: Buffer[] = [];
  private readonly text = new TextSink(4096);

  constructor(
    private readonly trace: Trace,
    private readonly shortfalls: Shortfalls,
  ) {}

  /** A part that carries all its descriptors begins. */
  begin(): void {
    this.byType.clear();
    this.told.clear();
  }

  of(type: number): EncodeEvent {
    const encode = this.byType.get(type);
    if (encode !== undefined) return encode;
    let encoder = this.made.get(type);
    if (encoder === undefined) {
      encoder = this.make(type);
      this.made.set(type, encoder);
    }
    this.tell(encoder);
    this.byType.set(type, encoder.encode);
    return encoder.encode;
  }

  /** The descriptors that the next bundle is to carry. */
  takeDescriptors(): readonly Buffer[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  private tell({ descriptor }: Encoder): void {
    if (descriptor === undefined || this.told.has(descriptor)) return;
    this.told.add(descriptor);
    this.fresh.push(descriptor);
  }

  private make(type: number): Encoder {
    const { trace } = this;
    const format = trace.writer.formats.get(type);
    const builtin = trace.text.builtin(type);
    // A trace_printk() is as good as a write to trace_marker: its text.
    if (builtin === "bprint" || builtin === "bputs") return { encode: this.printed() };
    if (format === undefined) return this.withoutFormat(type, builtin);
    const typed = TYPED_EVENTS[`${format.system}:${format.name}`];
    if (typed !== undefined) return { encode: this.typed(typed, format) };
    return this.described(format);
  }

  private described(format: EventFormat): Encoder {
    const { id: type, system, name } = format;
    const fields = fieldPlans(format, this.trace.littleEndian).map((plan) => this.field(plan));
    return untyped({ type, system, name, fields });
  }

  private typed({ field, fields }: TypedEvent, format: EventFormat): EncodeEvent {
    const plans = fieldPlans(format, this.trace.littleEndian);
    const parts = plans
      .filter(({ key }) => fields[key] !== undefined)
      .map((plan) => ({ number: fields[plan.key]!, encode: this.typedField(plan) }));
    const left = plans.filter(({ key, name }) => fields[key] === undefined && !name.startsWith("__")).length;
    const what = `fields of ${format.system}:${format.name} that Perfetto's type does not have`;
    const cpu = plans.find(({ key }) => key === "cpu_id");
    let described: Encoder | undefined;
    return (event, out) => {
      // The trace processor ends at a CPU that it has no room for: such an event describes itself.
      if (cpu !== undefined && Number(cpu.get(event)) >= MAX_CPU) {
        described ??= this.described(format);
        this.tell(described);
        described.encode(event, out);
        return;
      }
      if (left > 0) this.shortfalls.add(what, left);
      const message = out.begin(field);
      for (const { number, encode } of parts) encode(event, out, number);
      out.end(message);
    };
  }

  /** Numbers one by one where Perfetto's type repeats the field. */
  private typedField(plan: FieldPlan): EncodeField {
    if (plan.kind !== "array") return this.field(plan).encode;
    return (event, out, number) => {
      const values = plan.get(event);
      if (Array.isArray(values) && !isTexts(values))
        for (const value of values as (number | bigint)[]) encodeNumber(out, number, value);
    };
  }

  private printed(): EncodeEvent {
    const print = TYPED_EVENTS["ftrace:print"]!;
    return (event, out) => {
      const message = out.begin(print.field);
      const text = this.textOf(event);
      out.text(print.fields.buf!, text.slice(text.indexOf(": ") + 2));
      out.end(message);
    };
  }

  private withoutFormat(type: number, builtin: string | undefined): Encoder {
    if (builtin === "print") return { encode: this.printed() };
    const fields: Field[] = [
      { name: TEXT, type: STRING, encode: (event, out, number) => out.text(number, this.textOf(event)) },
    ];
    return untyped({ type, system: "ftrace", name: builtin ?? `type_${type}`, fields });
  }

  private field(plan: FieldPlan): Field {
    const { key: name, kind, offset, size, signed, get } = plan;
    const { littleEndian } = this.trace;
    const end = offset + size;
    if ((kind === "number" || kind === "pointer") && size === 8) {
      const high = offset + (littleEndian ? 4 : 0);
      const low = offset + (littleEndian ? 0 : 4);
      const encode: EncodeField = ({ view, data, dataSize }, out, number) => {
        if (end <= dataSize)
          out.halves(number, view.getInt32(data + high, littleEndian), view.getInt32(data + low, littleEndian));
      };
      return { name, type: signed ? INT64 : UINT64, encode };
    }
    if (kind === "number" || kind === "pointer") {
      const read = numberReader(size, signed, littleEndian);
      const encode: EncodeField = ({ view, data, dataSize }, out, number) => {
        if (end <= dataSize) out.int(number, read(view, data + offset) as number);
      };
      return { name, type: signed ? INT64 : UINT64, encode };
    }
    const encode: EncodeField = (event, out, number) => {
      const value = get(event);
      if (value !== undefined) out.text(number, valueText(value));
    };
    return { name, type: STRING, encode };
  }

  private textOf(event: TraceEvent): string {
    this.text.at = 0;
    this.trace.text.writePlain(event, event.type, this.text);
    this.text.dropLast(0, 10);
    return this.text.string(0);
  }
}

function valueText(value: FieldValue): string {
  if (typeof value === "string") return value;
  return isTexts(value) ? textsInBraces(value) : `{${String(value)}}`;
}

function encodeNumber(out: ProtoWriter, number: number, value: number | bigint): void {
  if (typeof value === "number") out.int(number, value);
  else {
    const bits = BigInt.asUintN(64, value);
    out.halves(number, Number(bits >> 32n), Number(bits & 0xffffffffn));
  }
}

/** A kind of event that Perfetto has no type for. */
interface Untyped {
  readonly type: number;
  readonly system: string;
  readonly name: string;
  readonly fields: readonly Field[];
}

function untyped(kind: Untyped): Encoder {
  const { type, name, fields } = kind;
  if (fields.length > MAX_DESCRIBED_FIELDS) return { encode: generic(name, fields) };
  const id = FIRST_DESCRIBED + type;
  return {
    encode(event, out) {
      const message = out.begin(id);
      for (let i = 0; i < fields.length; i++) fields[i]!.encode(event, out, i + 1);
      out.end(message);
    },
    descriptor: descriptor(id, kind),
  };
}

/** An event of many fields: GenericFtraceEvent {1 event_name, 2 field {1 name, 3 str_value, 4 int_value, 5 uint_value}}. */
function generic(name: string, fields: readonly Field[]): EncodeEvent {
  return (event, out) => {
    const message = out.begin(GENERIC);
    out.text(1, name);
    for (const { name: key, type, encode } of fields) {
      const field = out.begin(2);
      out.text(1, key);
      encode(event, out, type === STRING ? 3 : type === INT64 ? 4 : 5);
      out.end(field);
    }
    out.end(message);
  };
}

/** GenericFtraceEventDescriptor {1 field_id, 2 DescriptorProto, 3 group_name} */
function descriptor(id: number, { system, name, fields }: Untyped): Buffer {
  const out = new ProtoWriter(1024);
  out.uint(1, id);
  const message = out.begin(2);
  out.text(1, name);
  fields.forEach(({ name: key, type }, i) => {
    const field = out.begin(2);
    out.text(1, key);
    out.uint(3, i + 1);
    out.uint(4, OPTIONAL);
    out.uint(5, type);
    out.end(field);
  });
  out.end(message);
  out.text(3, system);
  return out.take();
}
