import { doubtsOf, type TraceEvent, timeBounds } from "../../events/event.js";
import type { Trace } from "../../trace/trace.js";
import { kindName } from "../kind-name.js";
import { Packets, SEQUENCE } from "./packets.js";
import type { ProtoWriter } from "./proto.js";

/** TracePacket (protos/perfetto/trace, v55) */
const TIMESTAMP = 8;
const TRACK_EVENT = 11;
const SEQUENCE_FLAGS = 13;
const TRACK_DESCRIPTOR = 60;
/** SEQ_INCREMENTAL_STATE_CLEARED: nothing before is needed. */
const CLEARED = 1;
const EVENT = { annotations: 4, type: 9, trackUuid: 11, categories: 22, name: 23 } as const;
const INSTANT = 3;
const ANNOTATION = { uint: 3, text: 6, name: 10 } as const;
/** Any number that no other track has. */
const TRACK = 1;

/**
 * What ftrace's own events have no place for, as instants on a track of rbtool's: which times are estimates, and between
 * which bounds; which records may hold foreign bytes, and why.
 */
export class Marks {
  private begun = false;
  private readonly packets = new Packets(SEQUENCE.marks);

  constructor(private readonly trace: Trace) {}

  add(event: TraceEvent): void {
    const bounds = timeBounds(event);
    const doubt = doubtsOf(event);
    if (bounds === undefined && doubt === undefined) return;
    if (!this.begun) this.begin();
    const time = event.exactTime();
    const { name } = kindName(this.trace, event.type);
    this.packets.add((out) => {
      out.halves(TIMESTAMP, Number(time >> 32n), Number(time & 0xffffffffn));
      const mark = out.begin(TRACK_EVENT);
      out.uint(EVENT.type, INSTANT);
      out.uint(EVENT.trackUuid, TRACK);
      out.text(EVENT.categories, "rbtool");
      out.text(EVENT.name, `${doubt === undefined ? "estimated time" : "in doubt"}: ${name || event.type}`);
      number(out, "cpu", event.cpu);
      if (doubt !== undefined) text(out, "doubt", doubt.join(" "));
      if (bounds !== undefined) {
        text(out, "time_low", String(bounds.low));
        text(out, "time_high", String(bounds.high));
      }
      out.end(mark);
    });
  }

  get any(): boolean {
    return this.begun;
  }

  take(): Buffer {
    return this.packets.take();
  }

  private begin(): void {
    this.begun = true;
    this.packets.add((out) => {
      out.uint(SEQUENCE_FLAGS, CLEARED);
      const track = out.begin(TRACK_DESCRIPTOR);
      out.uint(1, TRACK);
      out.text(2, "rbtool: doubts");
      out.end(track);
    });
  }
}

function text(out: ProtoWriter, name: string, value: string): void {
  const annotation = out.begin(EVENT.annotations);
  out.text(ANNOTATION.name, name);
  out.text(ANNOTATION.text, value);
  out.end(annotation);
}

function number(out: ProtoWriter, name: string, value: number): void {
  const annotation = out.begin(EVENT.annotations);
  out.text(ANNOTATION.name, name);
  out.uint(ANNOTATION.uint, value);
  out.end(annotation);
}
