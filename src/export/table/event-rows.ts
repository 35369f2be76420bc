import { doubtsOf, type TraceEvent, timeBounds } from "../../events/event.js";
import type { EventStream } from "../../events/stream.js";
import { encodeLatin1 } from "../../ground/latin1.js";
import type { Trace } from "../../trace/trace.js";
import { type KindName, kindName } from "../kind-name.js";
import { FieldsJson } from "../ndjson/fields-json.js";
import { Shortfalls } from "../shortfalls.js";
import type { Identity } from "../sink.js";
import { WholeTimes } from "../whole-time.js";
import { type Column, Int32Column, TextColumn, WideColumn, WordColumn } from "./columns.js";
import { type FieldColumn, fieldColumns, onlyEvent } from "./field-columns.js";

/** Rows of a batch at most, and bytes of text after which it is full as well. */
export const BATCH_ROWS = 65_536;
const BATCH_TEXT = 32 * 1024 * 1024;
const NEWLINE = 10;
const OPEN = 123;
const CLOSE = 125;

const MAX_INT64 = 2n ** 63n - 1n;
const TOO_LATE = "times from 2^63 on: they are negative here";

/** Events as rows of a table, a batch at a time: docs/export.md has what the columns mean. */
export class EventRows {
  count = 0;
  readonly shortfalls = new Shortfalls();
  readonly columns: readonly Column[];
  private readonly host = word("host");
  private readonly boot = word("boot");
  private readonly image = word("image", false);
  private readonly time = wide("time", false);
  private readonly cpu = small("cpu");
  private readonly pid = small("pid");
  private readonly comm = word("comm", false);
  private readonly system = word("system", false);
  private readonly event = word("event", false);
  private readonly type = small("type");
  private readonly flags = word("flags", false);
  private readonly lost = small("lost");
  private readonly timeLow = wide("time_low");
  private readonly timeHigh = wide("time_high");
  private readonly doubt = word("doubt");
  private readonly subbuf = wide("subbuf_id", false);
  private readonly offset = wide("offset", false);
  private readonly text = new TextColumn({ name: "text" }, BATCH_ROWS);
  private readonly fields = new TextColumn({ name: "fields" }, BATCH_ROWS);
  private readonly typed: readonly FieldColumn[];
  private readonly json: FieldsJson;
  private readonly kinds = new Map<number, KindName>();
  private readonly times: WholeTimes;
  private readonly identity: readonly { readonly column: WordColumn; readonly text: string }[];

  constructor(
    private readonly trace: Trace,
    identity: Identity,
  ) {
    const only = onlyEvent(trace);
    this.typed = only === undefined ? [] : fieldColumns(only, trace.littleEndian, BATCH_ROWS);
    this.json = new FieldsJson(trace, false);
    this.times = new WholeTimes(trace);
    const { host, boot } = identity;
    this.identity = [
      { column: this.image, text: encodeLatin1(trace.image.source.name) },
      ...(host === undefined ? [] : [{ column: this.host, text: encodeLatin1(host) }]),
      ...(boot === undefined ? [] : [{ column: this.boot, text: encodeLatin1(boot) }]),
    ];
    this.columns = [
      ...[this.host, this.boot, this.image, this.time, this.cpu, this.pid, this.comm, this.system, this.event],
      ...[this.type, this.flags, this.lost, this.timeLow, this.timeHigh, this.doubt, this.subbuf, this.offset],
      ...[this.text, this.fields, ...this.typed.map(({ column }) => column)],
    ];
  }

  /**
   * Begins a batch, with the events up to so many of the stream's; false where there are none. The batch is full before
   * with much text.
   */
  fill(events: EventStream, end: number): boolean {
    this.count = 0;
    for (const column of this.columns) column.clear();
    while (events.given < end && this.text.size + this.fields.size <= BATCH_TEXT) {
      const event = events.next();
      if (event === undefined) break;
      this.add(event);
    }
    return this.count > 0;
  }

  private add(event: TraceEvent): void {
    const { trace } = this;
    const { pid, type, page } = event;
    const row = this.count++;
    for (const { column, text } of this.identity) column.put(row, text);
    const time = this.times.of(event);
    if (typeof time === "number") this.time.put(row, time);
    else this.exactTime(row, time);
    this.cpu.put(row, event.cpu);
    this.pid.put(row, pid);
    this.comm.put(row, trace.names.at(pid, event.position));
    const kind = this.kind(type);
    this.system.put(row, kind.system);
    this.event.put(row, kind.name);
    this.type.put(row, type);
    this.flags.put(row, trace.latency.text(event.flags, event.preemptCount));
    this.lost.put(row, event.lost);
    const bounds = timeBounds(event);
    if (bounds !== undefined) {
      this.timeLow.exact(row, bounds.low);
      this.timeHigh.exact(row, bounds.high);
    }
    const doubt = doubtsOf(event);
    if (doubt !== undefined) this.doubt.put(row, doubt.join(" "));
    this.subbuf.put(row, page.id);
    this.offset.put(row, event.offset);
    this.putText(row, event);
    this.putFields(row, event);
    for (const { put } of this.typed) put(row, event);
  }

  private exactTime(row: number, time: bigint): void {
    if (time > MAX_INT64) this.shortfalls.add(TOO_LATE);
    this.time.exact(row, time);
  }

  private putText(row: number, event: TraceEvent): void {
    const sink = this.text.begin();
    const from = sink.at;
    this.trace.text.writePlain(event, event.type, sink);
    sink.dropLast(from, NEWLINE);
    this.text.put(row, from);
  }

  private putFields(row: number, event: TraceEvent): void {
    const sink = this.fields.begin();
    sink.char(OPEN);
    this.json.of(event.type).fields(event, sink);
    sink.char(CLOSE);
    this.fields.putUtf8(row);
  }

  private kind(type: number): KindName {
    let kind = this.kinds.get(type);
    if (kind === undefined) {
      kind = kindName(this.trace, type);
      this.kinds.set(type, kind);
    }
    return kind;
  }
}

const small = (name: string) => new Int32Column({ name }, BATCH_ROWS);
const wide = (name: string, nullable = true) => new WideColumn({ name, nullable }, "int64", BATCH_ROWS);
const word = (name: string, nullable = true) => new WordColumn({ name, nullable }, BATCH_ROWS);
