import { readFileSync } from "node:fs";
import { InputError } from "../ground/errors.js";
import { type ContextFiles, mergeContextFiles } from "../system/context.js";
import { contextFilesOf } from "../system/kernel-image/context-files.js";
import { type KernelFile, releaseOfPath } from "../system/kernel-image/files.js";
import { type Fit, fitOf, type WritingBoot } from "../system/kernel-image/fit.js";
import type { KernelImage } from "../system/kernel-image/kernel-image.js";
import { type LoadedModules, loadedModules, parseModuleOrder } from "../system/kernel-image/loaded-modules.js";
import { nameOf } from "../system/kernel-image/name-of.js";
import { openKernel } from "../system/kernel-image/open-kernel.js";
import type { SystemFiles } from "../system/load.js";

/** A kernel's own file, and how it fits an image. */
export interface FoundKernel {
  readonly file: string;
  readonly kernel: KernelImage;
  /** Without an image, undefined. */
  readonly fit: Fit | undefined;
  readonly modules: LoadedModules | undefined;
}

/** What is known of the writing kernel, and where from. */
export interface WritingKernel {
  readonly files: ContextFiles;
  readonly found: FoundKernel | undefined;
}

export interface WritingKernelOptions {
  readonly writerRelease?: string;
  readonly moduleOrder?: string;
  /** Takes a kernel that the image contradicts. */
  readonly force?: true;
}

/**
 * Of several kernels, the one that fits the image best; the release of the writer chooses too. What was collected on a running kernel
 * comes before its own file. Throws InputError for a kernel that did not write the image.
 */
export async function writingKernelOf(
  { collected, kernels, modules }: SystemFiles,
  options: WritingKernelOptions,
  boot?: WritingBoot,
): Promise<WritingKernel> {
  const named = kernels.filter(
    ({ path }) => options.writerRelease !== undefined && releaseOfPath(path) === options.writerRelease,
  );
  const best = await bestKernel(named.length > 0 ? named : kernels, boot);
  if (best === undefined) return { files: collected, found: undefined };
  const { kernel, file, fit } = best;
  if (fit?.verdict === "wrong" && !options.force)
    throw new InputError(
      `${file}: ${kernel.release ?? "this kernel"} did not write the image: ${fit.evidence
        .filter(({ verdict }) => verdict === "contradicts")
        .map(({ what, text }) => `${what}: ${text}`)
        .join("; ")} (--force takes it all the same)`,
    );
  const order = moduleOrder(options.moduleOrder);
  const own = modules.filter(({ path }) => (releaseOfPath(path) ?? kernel.release) === kernel.release);
  const loaded = boot && own.length > 0 ? await loadedModules(kernel, own, boot, order) : undefined;
  return {
    files: mergeContextFiles(collected, contextFilesOf(kernel, loaded)),
    found: { file, kernel, fit, modules: loaded },
  };
}

type Candidate = Omit<FoundKernel, "modules">;

async function bestKernel(files: readonly KernelFile[], boot: WritingBoot | undefined): Promise<Candidate | undefined> {
  const ranks = { fits: 2, possible: 1, wrong: 0 } as const;
  let best: Candidate | undefined;
  for (const file of files) {
    const kernel = await openKernel(file);
    const fit = boot && fitOf(kernel, boot);
    const rank = fit === undefined ? 0 : ranks[fit.verdict];
    if (best === undefined || (best.fit && rank > ranks[best.fit.verdict])) best = { file: nameOf(file), kernel, fit };
    if (fit === undefined || rank === ranks.fits) break;
  }
  return best;
}

function moduleOrder(path: string | undefined): string[] | undefined {
  if (path === undefined) return undefined;
  try {
    return parseModuleOrder(readFileSync(path, "latin1"));
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`);
  }
}
