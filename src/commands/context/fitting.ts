import type { Fit } from "../../derive/fit.js";
import { writingBootOf } from "../../derive/writing-boot.js";
import { InputError } from "../../ground/errors.js";
import type { Image } from "../../image/image.js";
import { releaseInMemory } from "../../input/memory/vmcoreinfo.js";
import { type Io, tell } from "../../io.js";
import type { SystemFiles } from "../../system/collector.js";
import type { TraceContext } from "../../system/context.js";
import type { ChosenKernel } from "../../system/kernel-image/chosen-kernel.js";
import type { ContextOptions } from "./options.js";

/** What is known of the writing kernel, and how its event formats fit the image. */
export interface FittingContext extends TraceContext {
  /** Without formats, undefined. */
  readonly fit: Fit | undefined;
}

/** Reading a kernel's own file takes much code: it is loaded when there is one. */
export async function fromKernels(image: Image, system: SystemFiles, options: ContextOptions): Promise<ChosenKernel> {
  if (system.kernels.length === 0 && options.moduleOrder === undefined)
    return { files: system.collected, found: undefined, passedOver: system.passedOver };
  const { chosenKernel } = await import("./chosen-kernel.js");
  try {
    return await chosenKernel(system, options, writingBootOf(image));
  } catch (error) {
    const own = releaseInMemory(image.source);
    if (!(error instanceof InputError) || own === undefined) throw error;
    throw new InputError(`${error.message}; vmcoreinfo in the memory names ${own}`, { cause: error });
  }
}

/** What there is to say of how a kernel's own files were read. */
export function tellOfKernel(io: Io, { found, passedOver }: ChosenKernel): void {
  for (const note of passedOver) tell(io, `${note}; passed over`);
  for (const note of found?.modules?.notes ?? []) tell(io, note);
}

/** Others that fit as well. */
export function orElse(names: readonly string[]): string {
  if (names.length === 0) return "";
  return `; ${someOf(names)} fit${names.length === 1 ? "s" : ""} as well, and may be right instead`;
}

/** Of many names the first few. */
function someOf(names: readonly string[]): string {
  const shown = names.length > 4 ? names.slice(0, 3) : names;
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} others` : shown.join(", ").replace(/, ([^,]*)$/, " and $1");
}
