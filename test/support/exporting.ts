import { exportFormat } from "../../src/export/registry.js";
import type { Exported, Identity, WriteExport } from "../../src/export/sink.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { type WritingKernel, writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { Trace } from "../../src/trace/trace.js";
import { allStates } from "../reading/torn/states.js";
import { tear } from "../reading/torn/tear.js";
import { COLLECTED } from "./collection.js";
import type { Dump } from "./images.js";
import { dumpContext, openDump, textDumps } from "./kernel-text.js";

/**
 * Images that exports are tried on, of the repository's own all; with RBTOOL_EVERY_IMAGE all of the collection, which
 * takes minutes: before a release.
 */
export function chosenDumps(names: RegExp): readonly Dump[] {
  return process.env.RBTOOL_EVERY_IMAGE || !COLLECTED ? textDumps : textDumps.filter(({ name }) => names.test(name));
}

/** A real image, opened with its own kernel's files. */
export function dumpTrace(dump: Dump, spec: TraceSpec = {}, more: Partial<WritingKernel> = {}): Trace {
  return openTrace(openDump(dump), { ...writingKernel(dumpContext(dump)), ...more }, spec);
}

/** A trace as a file of a format. */
export async function exported(
  name: string,
  trace: Trace,
  identity: Identity = {},
): Promise<Exported & { readonly bytes: Buffer }> {
  return collected(await exportFormat(name).load(), trace, identity);
}

export async function collected(
  write: WriteExport,
  trace: Trace,
  identity: Identity = {},
): Promise<Exported & { readonly bytes: Buffer }> {
  const parts: Uint8Array[] = [];
  const sink = {
    write: async (bytes: Uint8Array) => {
      parts.push(Uint8Array.from(bytes));
    },
  };
  const done = await write(trace, sink, identity);
  return { ...done, bytes: Buffer.concat(parts) };
}

/** Memory that did not survive whole: times that are estimates, records that may hold foreign bytes. */
export function tornTrace(spec: TraceSpec = {}): Trace {
  const all = allStates();
  const { states, events } = all.find((each) => each.events !== undefined) ?? all[0]!;
  const image = readImage(new MemorySource(tear(states, 1, "cache", 0.1), "torn.bin"));
  const context = buildContext(loadContextFiles(events === undefined ? {} : { events }), image.layout.abi);
  return openTrace(image, writingKernel(context), spec);
}
