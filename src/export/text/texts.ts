import type { TraceEvent } from "../../events/event.js";
import { decodeLatin1 } from "../../ground/latin1.js";
import { TextSink } from "../../print/text-sink.js";
import type { Trace } from "../../trace/trace.js";

/** Text of events, without the newline at its end. */
export class Texts {
  private readonly sink = new TextSink(4096);

  constructor(private readonly trace: Trace) {}

  /** `name: what it says`, as the trace text has it. */
  of(event: TraceEvent): string {
    this.sink.at = 0;
    this.trace.text.writePlain(event, event.type, this.sink);
    return decodeLatin1(this.sink.string(0)).replace(/\n+$/, "");
  }

  /** The same without the name. */
  body(event: TraceEvent): string {
    const text = this.of(event);
    const name = this.trace.text.name(event.type);
    return name !== undefined && text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
  }

  name(type: number): string {
    return decodeLatin1(this.trace.text.name(type) ?? `type ${type}`);
  }

  /** The function that an address field names; the tracer's call lies a few bytes into it. */
  functionName(event: TraceEvent, field: string): string | undefined {
    const place = this.trace.text.fixedLayout(event.type)?.get(field);
    if (place === undefined || place.offset + place.size > event.dataSize) return undefined;
    const address = this.trace.text.reader.value(event, place);
    const symbol = this.trace.symbol(BigInt.asUintN(64, address));
    return symbol === undefined
      ? `0x${BigInt.asUintN(64, address).toString(16)}`
      : decodeLatin1(symbol.replace(/\+0x[0-9a-f]+/, ""));
  }
}
