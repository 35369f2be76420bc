import { readFileSync } from "node:fs";
import { release as machineRelease } from "node:os";
import { formatsFit } from "../../derive/fit.js";
import { InputError } from "../../ground/errors.js";
import type { Image } from "../../image/image.js";
import { type Io, tell } from "../../io.js";
import { buildContext, longSizeOfHeaderPage } from "../../system/context.js";
import { loadContextFiles } from "../../system/load.js";
import { writingKernel } from "../../system/writing-kernel.js";
import { type FittingContext, fromKernels, orElse, tellOfKernel } from "./fitting.js";
import { type ContextOptions, sourcesOf } from "./options.js";

const TRACEFS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/** What a kernel in /boot of this machine says, if it wrote the image, or a person names its release. */
export async function machineContext(
  image: Image,
  options: ContextOptions,
  io: Io,
): Promise<FittingContext | undefined> {
  const { machineKernels } = await import("./machine-kernels.js");
  const system = await machineKernels(options.writerRelease);
  if (system === undefined) return undefined;
  try {
    const chosen = await fromKernels(image, system, options);
    const { files, found } = chosen;
    // Without a word of a person, only a proof counts.
    if (found === undefined || (options.writerRelease === undefined && found.fit?.verdict !== "fits")) return undefined;
    const rivals = orElse(found.rivals);
    tell(io, `reading with this machine's ${found.file} (${found.kernel.release})${rivals}; --no-live for none`);
    tellOfKernel(io, chosen);
    const context = buildContext(loadContextFiles(sourcesOf(options), files), image.layout.abi);
    return { ...context, fit: formatsFit(image, writingKernel(context)) };
  } catch (error) {
    // None of them wrote it, or what looks like a kernel is none.
    if (options.writerRelease === undefined && error instanceof InputError) return undefined;
    throw error;
  }
}

/** This machine's own files, if its formats fit the records, and its kernel lies at the same place in a page. */
export function liveContext(image: Image, options: ContextOptions): FittingContext | undefined {
  for (const root of TRACEFS) {
    try {
      const headerPage = readFileSync(`${root}/events/header_page`, "latin1");
      if (longSizeOfHeaderPage(headerPage) !== image.layout.abi.longSize) continue;
      const context = buildContext(
        loadContextFiles(
          {
            ...sourcesOf(options),
            events: `${root}/events`,
            kallsyms: "/proc/kallsyms",
            printkFormats: `${root}/printk_formats`,
          },
          { formats: [], release: machineRelease() },
        ),
        image.layout.abi,
      );
      const here = context.symbols?.textAddress;
      const there = image.scratch?.textAddress;
      // KASLR moves a kernel by at least 64K: below that, the same build lies where it always does.
      if (here && there && (here & 0xffffn) !== (there & 0xffffn)) return undefined;
      const fit = formatsFit(image, writingKernel(context));
      // An image of ftrace's own events alone fits every kernel: nothing says that it is of this one.
      return fit.verdict === "fits" && fit.unknown.size === 0 && fit.told > 0 ? { ...context, fit } : undefined;
    } catch (error) {
      // Not mounted, or not for this user.
      if (!(error instanceof InputError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  return undefined;
}
