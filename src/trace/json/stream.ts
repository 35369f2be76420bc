import type { Image } from "../../image/image.js";
import { TRACE_CLOCKS } from "../text/clock.js";
import type { EventTest } from "../text/trace-text.js";
import type { TraceView, WriterFacts } from "../view.js";
import { EventJson } from "./event-json.js";
import { jsonText } from "./strings.js";

const CHUNK = 128 * 1024;

export interface JsonOptions {
  readonly test?: EventTest | undefined;
  readonly head?: number | undefined;
  /** An event a line, and nothing else; otherwise one document. */
  readonly lines: boolean;
}

/** The events as JSON, in chunks of text that is one character a byte. */
export function* eventsJson(
  image: Image,
  writer: WriterFacts,
  view: TraceView,
  options: JsonOptions,
): Generator<string> {
  const { comms, text, latency } = view;
  const writerOf = new EventJson({
    littleEndian: image.layout.abi.littleEndian,
    longSize: image.layout.abi.longSize,
    reader: text.reader,
    formats: writer.formats,
    name: (type) => text.builtin(type),
    layout: (type) => text.fixedLayout(type),
    comm: (pid) => comms.comm(pid),
    flags: (flags, preemptCount) => latency.text(flags, preemptCount),
    text: (event, type) => stripNewline(text.plain(event, type)),
    symbol: view.symbol,
  });
  const merge = view.merge();
  const head = options.head ?? Number.POSITIVE_INFINITY;
  let chunk = options.lines ? "" : documentHead(image, writer, view);
  for (let shown = 0; shown < head; ) {
    const event = merge.next();
    if (event === undefined) break;
    const type = event.type;
    comms.observe(event, type);
    if (options.test === undefined || options.test(event, type)) {
      if (options.lines) chunk += `${writerOf.json(event, type)}\n`;
      else chunk += `${shown === 0 ? "\n" : ",\n"}${writerOf.json(event, type)}`;
      shown++;
    }
    comms.settle(event, type);
    event.advance();
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  if (!options.lines) chunk += "\n]}\n";
  if (chunk !== "") yield chunk;
}

function documentHead(image: Image, writer: WriterFacts, view: TraceView): string {
  const clock = image.scratch?.clockId ?? 0;
  const parts = [
    `"schema":"rbtool/events/1"`,
    `"image":${jsonText(Buffer.from(image.source.name, "utf8").toString("latin1"))}`,
    `"clock":{"id":${clock},"name":${JSON.stringify(TRACE_CLOCKS[clock]?.name ?? null)},"nanoseconds":${view.inNs}}`,
    `"release":${writer.release === undefined ? "null" : jsonText(writer.release)}`,
    `"cpus":${image.layout.nrCpus}`,
  ];
  return `{${parts.join(",")},"events":[`;
}

function stripNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
