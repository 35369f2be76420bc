import { doubtsOf, type TraceEvent, timeBounds } from "../../events/event.js";
import { Stamp, type TextSink } from "../../print/text-sink.js";
import type { Trace } from "../../trace/trace.js";
import { FieldsJson, type FieldsOfKind } from "./fields-json.js";
import { jsonText, quoteJson, writeJsonText } from "./strings.js";

/** One kind of event: what stands before its fields, and the fields. */
interface Kind extends FieldsOfKind {
  readonly head: Stamp;
}

const CPU = new Stamp('{"cpu":');
const TIME = new Stamp(',"time":');
const COMM = new Stamp(',"comm":');
const FLAGS = new Stamp(',"flags":"');
const FIELDS = new Stamp('","fields":{');
const FIELDS_AFTER_LOST = new Stamp(',"fields":{');
const TEXT = new Stamp(',"text":"');
const SUBBUF = new Stamp(',"subbuf":{"id":');
const INDEX = new Stamp(',"index":');
const OFFSET = new Stamp('},"offset":');
const QUOTE = 34;
const CLOSE = 125;
const NEWLINE = 10;

/** Events as JSON, an object each (schemas/events.json). Text is one character a byte. */
export class EventJson {
  private readonly kinds = new Map<number, Kind>();
  private readonly fields: FieldsJson;
  /** The origin where it is a number, so that most times are plain sums. */
  private readonly start: number;

  /**
   * @param numbers numbers of 64 bits as numbers, where 2^53 holds them; strings otherwise
   * @param enumNames with the names of enums' values
   */
  constructor(
    private readonly trace: Trace,
    private readonly numbers: boolean,
    enumNames = false,
  ) {
    this.fields = new FieldsJson(trace, numbers, enumNames);
    this.start = Number(trace.origin.value);
  }

  /** Writes one event. */
  write(event: TraceEvent, out: TextSink): void {
    const { trace } = this;
    const { type } = event;
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
    writeJsonText(trace.names.at(pid, event.position), out);
    out.stamp(FLAGS);
    out.text(trace.latency.text(event.flags, event.preemptCount));
    const doubt = doubtsOf(event);
    if (event.lost === 0 && page.bounds === undefined && doubt === undefined) out.stamp(FIELDS);
    else {
      out.char(QUOTE);
      if (event.lost !== 0) out.text(`,"lost":${event.lost < 0 ? "true" : event.lost}`);
      const bounds = timeBounds(event);
      if (bounds !== undefined) out.text(`,"timeBounds":["${bounds.low}","${bounds.high}"]`);
      if (doubt !== undefined) out.text(`,"doubt":${JSON.stringify(doubt)}`);
      const values = event.uncertain?.ofValues(event, type);
      if (values !== undefined) out.text(`,"doubtfulFields":[${values.map(jsonText).join(",")}]`);
      out.stamp(FIELDS_AFTER_LOST);
    }
    kind.fields(event, out);
    out.char(CLOSE);
    kind.symbols?.(event, out);
    kind.enums?.(event, out);
    out.stamp(TEXT);
    const from = out.at;
    trace.text.writePlain(event, type, out);
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
    const quoted = !(exact && this.numbers);
    if (quoted) out.char(QUOTE);
    if (exact) out.dec(time);
    else out.text(String(event.exactTime()));
    if (quoted) out.char(QUOTE);
  }

  private kind(type: number): Kind {
    const { writer, text: texts } = this.trace;
    const format = writer.formats.get(type);
    const name = format?.name ?? texts.builtin(type);
    let text = `,"type":${type}`;
    if (name !== undefined) text += `,"event":${jsonText(name)}`;
    const system = format ? format.system : name === undefined ? undefined : "ftrace";
    if (system !== undefined && system !== "") text += `,"system":${jsonText(system)}`;
    return { head: new Stamp(`${text},"pid":`), ...this.fields.of(type) };
  }
}
