import { doubtsOf, type TraceEvent, timeBounds } from "../events/event.js";
import { decodeLatin1, encodeLatin1 } from "../ground/latin1.js";
import type { TextSink } from "../print/text-sink.js";
import type { Trace } from "../trace/trace.js";
import { kindName } from "./kind-name.js";
import { FieldsJson } from "./ndjson/fields-json.js";
import type { Parts } from "./parts.js";
import { inRows, rowSink, rowsOf } from "./rows.js";
import { WholeTimes } from "./whole-time.js";

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;

/** RFC 4180, but for the ends of lines, which every reader takes as they are usual here. */
const COLUMNS =
  "time,cpu,pid,comm,system,event,type,flags,lost,time_low,time_high,doubt,subbuf_id,offset,text,fields\n";

/**
 * A row an event. Times are whole numbers of the trace clock's units. `lost`: how many events are lost before this one,
 * -1 where nobody counted. `time_low` and `time_high` have the bounds of a time that is an estimate; `doubt` says why the
 * record may hold foreign bytes; `fields` is a JSON object.
 */
export function csvParts(trace: Trace): Parts {
  const out = rowSink();
  const rows = new CsvRows(trace);
  return inRows({ head: () => COLUMNS, apart: true, pieces: (events) => rowsOf(rows, events, out) });
}

class CsvRows {
  private readonly fields: FieldsJson;
  private readonly times: WholeTimes;
  /** By type: system, name and number, between commas. */
  private readonly kinds = new Map<number, string>();

  constructor(private readonly trace: Trace) {
    this.fields = new FieldsJson(trace, false);
    this.times = new WholeTimes(trace);
  }

  write(event: TraceEvent, out: TextSink): void {
    const { trace } = this;
    const { pid, type, page } = event;
    const time = this.times.of(event);
    if (typeof time === "number") out.dec(time);
    else out.text(String(time));
    out.char(COMMA);
    out.dec(event.cpu);
    out.char(COMMA);
    out.dec(pid);
    out.char(COMMA);
    out.text(cell(trace.names.at(pid, event.position)));
    out.text(this.kind(type));
    out.text(trace.latency.text(event.flags, event.preemptCount));
    out.char(COMMA);
    if (event.lost !== 0) out.dec(event.lost);
    const bounds = timeBounds(event);
    out.text(bounds === undefined ? ",,," : `,${bounds.low},${bounds.high},`);
    const doubt = doubtsOf(event);
    if (doubt !== undefined) out.text(cell(doubt.join(" ")));
    out.char(COMMA);
    out.dec(page.id);
    out.char(COMMA);
    out.dec(event.offset);
    out.char(COMMA);
    out.char(QUOTE);
    let from = out.at;
    trace.text.writePlain(event, type, out);
    out.dropLast(from, NEWLINE);
    quoteCell(from, out);
    out.text('","{');
    from = out.at;
    this.fields.of(type).fields(event, out);
    quoteCell(from, out);
    out.text('}"\n');
  }

  private kind(type: number): string {
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      const { system, name } = kindName(this.trace, type);
      kind = `,${cell(system)},${cell(name)},${type},`;
      this.kinds.set(type, kind);
    }
    return kind;
  }
}

/** A cell of its own. */
function cell(text: string): string {
  return /^[\w .:<>/-]*$/.test(text) ? text : `"${inQuotes(text)}"`;
}

/** Makes what was written since `from` the inside of a quoted cell. */
function quoteCell(from: number, out: TextSink): void {
  if (out.asciiSince(from)) out.double(from, QUOTE);
  else out.replace(from, inQuotes(out.string(from)));
}

/** Text of one character a byte, in quotes, as UTF-8. */
function inQuotes(text: string): string {
  return encodeLatin1(decodeLatin1(text).replace(/"/g, '""'));
}
