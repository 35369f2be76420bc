import type { Trace } from "../../trace/trace.js";
import { INFERRED } from "../shortfalls.js";
import type { Exported, Sink } from "../sink.js";
import { type PageData, pagesOf } from "./page-data.js";
import { pageData } from "./pages.js";
import type { TraceFile } from "./trace-file.js";
import { FileV6 } from "./v6.js";
import { FileV7 } from "./v7.js";

/** What trace-cmd and KernelShark read. */
export async function writeV7(trace: Trace, sink: Sink): Promise<Exported> {
  const data = pageData(trace);
  return write(data, new FileV7(trace, data), sink);
}

/** The same for programs from before trace-cmd 3.0. */
export async function writeV6(trace: Trace, sink: Sink): Promise<Exported> {
  const data = pageData(trace);
  return write(data, new FileV6(trace, data), sink);
}

async function write(data: PageData, file: TraceFile, sink: Sink): Promise<Exported> {
  const { buffers, events, pageSize, shortfalls } = data;
  const all = buffers.reduce((sum, { cpus }) => sum + pagesOf(cpus), 0);
  let done = 0;
  // While a piece is written, the next is made.
  let writing = Promise.resolve();
  const put = async (bytes: Uint8Array): Promise<void> => {
    await writing;
    writing = sink.write(bytes, Math.floor((events * done) / Math.max(1, all)));
  };
  for (let buffer = 0; buffer < buffers.length; buffer++) {
    for (const bytes of file.before(buffer)) await put(bytes);
    for (const piece of data.pieces(buffer)) {
      done += piece.length / pageSize;
      await put(piece);
    }
  }
  for (const bytes of file.end()) await put(bytes);
  await writing;
  shortfalls.add("events without a format file: shown without fields", file.unknownEvents);
  shortfalls.add("earlier names of renamed tasks: only the last is written", file.renamed);
  shortfalls.add(INFERRED, data.survey.inferred);
  return { events, shortfalls: shortfalls.list() };
}
