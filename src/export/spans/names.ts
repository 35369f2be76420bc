import type { Span, SpanSources, Track } from "../../derive/spans.js";
import { encodeLatin1 } from "../../ground/latin1.js";
import type { Trace } from "../../trace/trace.js";
import { Texts } from "../text/texts.js";

/** What spans and tracks are called; one character a byte. */
export class SpanNames {
  private readonly texts: Texts;

  constructor(
    private readonly trace: Trace,
    private readonly sources: SpanSources,
  ) {
    this.texts = new Texts(trace);
  }

  /** Of a span that has just begun. */
  of({ track, event }: Span): string {
    switch (track.kind) {
      case "cpu":
        return this.task(this.sources.running.on(track.id)?.pid ?? event.pid, event.position);
      case "functions":
        return this.trace.text.graphCall(event, event.type, this.trace.symbol)?.function ?? "?";
      case "interrupts":
        return this.handler(event);
      case "task": {
        const call = this.sources.calls.of(track.id);
        if (call?.enter.position === event.position) return call.name ?? `syscall ${call.nr}`;
        return this.handler(event);
      }
    }
  }

  /** What a viewer shows beside the track. */
  track({ kind, id }: Track): string {
    if (kind === "cpu" || kind === "interrupts") return `CPU ${id}`;
    return id < 0 ? `idle of CPU ${-1 - id}` : this.task(id, Number.MAX_SAFE_INTEGER);
  }

  task(pid: number, position: number): string {
    return `${this.trace.names.at(pid, position)}-${pid}`;
  }

  /** Short, so that all of its kind are called the same: what it is, and the function, the name or the action. */
  private handler(event: Span["event"]): string {
    const entry = this.sources.handlers.of(event.pid, event.cpu).find((each) => each.event.position === event.position);
    if (entry === undefined) return "?";
    const { what, name } = entry.what;
    if (name !== undefined) return `${what} ${name}`;
    const told = /\b(?:function|name|action)=([^\s\]]+)/.exec(this.texts.body(event))?.[1];
    if (what === "irq") return `irq ${entry.key}${told === undefined ? "" : ` ${encodeLatin1(told)}`}`;
    return `${what} ${told === undefined ? entry.key : encodeLatin1(told)}`;
  }
}
