import type { Trace } from "../../trace.js";
import type { Exported, Sink } from "../format.js";
import { FileFacts } from "./file-facts.js";
import { pageData } from "./pages.js";
import { unknownTypes } from "./unknown-types.js";
import { fileV6 } from "./v6.js";
import { fileV7 } from "./v7.js";

/** What trace-cmd and KernelShark read. */
export async function writeV7(trace: Trace, sink: Sink): Promise<Exported> {
  return write(trace, sink, fileV7);
}

/** The same for programs from before trace-cmd 3.0. */
export async function writeV6(trace: Trace, sink: Sink): Promise<Exported> {
  return write(trace, sink, fileV6);
}

async function write(trace: Trace, sink: Sink, file: (facts: FileFacts) => Generator<Uint8Array>): Promise<Exported> {
  const data = pageData(trace);
  const { events, shortfalls, pageSize, cpus } = data;
  const unknown = unknownTypes(trace);
  const facts = new FileFacts(trace, data, unknown.formats);
  shortfalls.add("events without a format file: shown without their fields", unknown.events);
  shortfalls.add("earlier names of tasks that changed theirs: the last one is written", facts.about.renamed);
  await sink.write(Buffer.concat([...file(facts)]), 0);
  const pages = cpus.reduce((sum, cpu) => sum + cpu.pages, 0);
  let done = 0;
  for (const piece of data.pieces()) {
    done += piece.length / pageSize;
    await sink.write(piece, Math.floor((events * done) / pages));
  }
  return { events, shortfalls: shortfalls.list() };
}
