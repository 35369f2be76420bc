import type { ContextFiles, TraceContext } from "./context.js";
import type { EventFormat } from "./formats/parse-format.js";
import type { KernelTypes } from "./kernel-types.js";
import type { Kallsyms } from "./symbols/kallsyms.js";
import type { KernelText } from "./symbols/kernel-text.js";
import type { PrintkFormats } from "./symbols/printk-formats.js";

/** What is known of the kernel that wrote the image. */
export interface WritingKernel {
  readonly release?: string | undefined;
  readonly formats: ReadonlyMap<number, EventFormat>;
  readonly kallsyms?: Kallsyms | undefined;
  readonly printkFormats?: PrintkFormats | undefined;
  readonly types?: KernelTypes | undefined;
  readonly cmdlines?: ReadonlyMap<number, string> | undefined;
  readonly hz?: number | undefined;
  readonly kernelText?: KernelText | undefined;
  /** What all of that was read from. */
  readonly files?: ContextFiles | undefined;
}

/** What was collected of a kernel, as a view wants it. */
export function writingKernel(context: TraceContext): WritingKernel {
  const formats = new Map<number, EventFormat>();
  for (const format of context.formats.formats()) formats.set(format.id, format);
  const { release, symbols, printkFormats, types, cmdlines, hz, kernelText, files } = context;
  return { release, formats, kallsyms: symbols, printkFormats, types, cmdlines, hz, kernelText, files };
}
