import { fitReport } from "../../derive/fit-report.js";
import type { TraceEvent } from "../../events/event.js";
import { encodeLatin1 } from "../../ground/latin1.js";
import { safeJson } from "../../ground/safe-text.js";
import type { Image } from "../../image/image.js";
import { TRACE_CLOCKS } from "../../image/scratch.js";
import type { TextSink } from "../../print/text-sink.js";
import type { WritingKernel } from "../../system/writing-kernel.js";
import type { Trace } from "../../trace/trace.js";
import { type Parts, partBytes } from "../parts.js";
import { inRows, rowSink, rowsOf } from "../rows.js";
import { EventJson } from "./event-json.js";
import { jsonText } from "./strings.js";

const NEWLINE = 10;

export interface JsonOptions {
  readonly head?: number | undefined;
  /** Only the last so many. */
  readonly tail?: number | undefined;
  /** An event a line, and nothing else; otherwise one document. */
  readonly lines: boolean;
  /** Numbers of 64 bits as numbers, where 2^53 holds them. */
  readonly numbers?: boolean | undefined;
  /** What BTF calls the values of fields that are enums. */
  readonly enumNames?: boolean | undefined;
}

/** The events of any slice of a trace as JSON, an object each. */
export function jsonParts(view: Trace, options: JsonOptions): Parts {
  const { lines, head, tail } = options;
  const events = new EventJson(view, options.numbers === true, options.enumNames === true);
  const rows = {
    write(event: TraceEvent, out: TextSink): void {
      if (!lines) out.text(",\n");
      events.write(event, out);
      if (lines) out.char(NEWLINE);
    },
  };
  const out = rowSink();
  return inRows({
    head: () => (lines ? "" : documentHead(view.image, view.writer, view)),
    // The comma that stands before each.
    lead: lines ? 0 : 1,
    foot: lines ? "" : "\n]}\n",
    apart: head === undefined && tail === undefined,
    *pieces(stream) {
      for (let left = skipped(view, tail); left > 0 && stream.next() !== undefined; ) left--;
      yield* rowsOf(rows, stream, out, head);
    },
  });
}

/** The events as JSON, in chunks, each valid until the next is asked for. */
export function eventsJson(view: Trace, options: JsonOptions, events = view.events()): Generator<Buffer> {
  return partBytes(jsonParts(view, options), events);
}

/** How many events stand before the last `tail`: found by a walk of its own, so that none is kept. */
function skipped(view: Trace, tail: number | undefined): number {
  if (tail === undefined) return 0;
  const events = view.events();
  let count = 0;
  while (events.next() !== undefined) count++;
  return Math.max(0, count - tail);
}

function documentHead(image: Image, writer: WritingKernel, view: Trace): string {
  const clock = image.scratch?.clockId ?? 0;
  const parts = [
    `"schema":"rbtool/events/2"`,
    `"image":${encodeLatin1(safeJson({ name: image.source.name, size: image.source.size }))}`,
    `"clock":{"id":${clock},"name":${JSON.stringify(TRACE_CLOCKS[clock]?.name ?? null)},"nanoseconds":${view.inNs}}`,
    `"release":${writer.release === undefined ? "null" : jsonText(writer.release)}`,
    `"cpus":${image.layout.nrCpus}`,
    `"fit":${encodeLatin1(safeJson(writer.formats.size > 0 ? fitReport(view.fit(), writer.formats) : null))}`,
  ];
  return `{${parts.join(",")},"events":[`;
}
