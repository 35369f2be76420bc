import type { Exported, WriteExport } from "../../src/export/format.js";
import { exportFormat } from "../../src/export/registry.js";
import { type WritingKernel, writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace, type Trace, type TraceSpec } from "../../src/trace.js";
import type { Dump } from "./images.js";
import { dumpContext, openDump } from "./kernel-text.js";

/** A real image, opened with its own kernel's files. */
export function dumpTrace(dump: Dump, spec: TraceSpec = {}, more: Partial<WritingKernel> = {}): Trace {
  return openTrace(openDump(dump), { ...writingKernel(dumpContext(dump)), ...more }, spec);
}

/** A trace as a file of a format. */
export async function exported(name: string, trace: Trace): Promise<Exported & { readonly bytes: Buffer }> {
  return collected(await exportFormat(name).load(), trace);
}

export async function collected(write: WriteExport, trace: Trace): Promise<Exported & { readonly bytes: Buffer }> {
  const parts: Uint8Array[] = [];
  const done = await write(trace, {
    write: async (bytes) => {
      parts.push(Uint8Array.from(bytes));
    },
  });
  return { ...done, bytes: Buffer.concat(parts) };
}
