import type { ContextFiles, TraceContext } from "./context.js";
import type { EventFormat } from "./formats/parse-format.js";
import type { KernelTypes } from "./kernel-types.js";
import type { Kallsyms } from "./symbols/kallsyms.js";
import type { KernelText, PlacedMemory } from "./symbols/kernel-text.js";
import type { PrintkFormats } from "./symbols/printk-formats.js";

/** What is known of the kernel that wrote the image. */
export interface WritingKernel {
  readonly release?: string | undefined;
  /** Whether a person states the release: then it says nothing of where the formats come from. */
  readonly releaseStated?: boolean | undefined;
  readonly formats: ReadonlyMap<number, EventFormat>;
  readonly kallsyms?: Kallsyms | undefined;
  readonly printkFormats?: PrintkFormats | undefined;
  readonly types?: KernelTypes | undefined;
  readonly cmdlines?: ReadonlyMap<number, string> | undefined;
  readonly hz?: number | undefined;
  readonly kernelText?: KernelText | undefined;
  /** Numbers of events that may be another event's: the order in which modules were loaded is not certain. */
  readonly doubtful?: ReadonlySet<number> | undefined;
  /** Memory whose place is inferred: what an address in it stands for is in doubt. */
  readonly placed?: readonly PlacedMemory[] | undefined;
  /** What all of that was read from. */
  readonly files?: ContextFiles | undefined;
}

/** What was collected of a kernel, as a view wants it. */
export function writingKernel(context: TraceContext): WritingKernel {
  const { release, releaseStated, formats, symbols, printkFormats, types, cmdlines, hz, kernelText, files } = context;
  const { doubtful, placed } = context;
  const named = { release, releaseStated, formats: formats.byId, kallsyms: symbols };
  return { ...named, printkFormats, types, cmdlines, hz, kernelText, doubtful, placed, files };
}
