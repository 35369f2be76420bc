import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { SystemFiles } from "../collector.js";
import { type ContextFiles, mergeContextFiles } from "../context.js";
import { contextFilesOf } from "./context-files.js";
import { type KernelFile, releaseOfPath } from "./files.js";
import { type KernelFit, kernelFit, type WritingBoot } from "./fit.js";
import { distanceWithoutKaslr } from "./identity.js";
import type { KernelImage } from "./kernel-image.js";
import { type LoadedModules, loadedModules, type ModuleList, parseModuleOrder } from "./loaded-modules.js";
import { nameOf } from "./name-of.js";
import { openKernel } from "./open-kernel.js";

/** A kernel's own file, and how it fits an image. */
export interface FoundKernel {
  readonly file: string;
  readonly kernel: KernelImage;
  /** Without an image, undefined. */
  readonly fit: KernelFit | undefined;
  readonly modules: LoadedModules | undefined;
  /** Other kernels that can have written the image as well, as far as it tells. */
  readonly rivals: readonly string[];
}

/** What some files know of the writing kernel, and which kernel's own file it is from. */
export interface ChosenKernel {
  readonly files: ContextFiles;
  readonly found: FoundKernel | undefined;
  /** What only has the name of a kernel, or of a file that one shows, in words. */
  readonly passedOver: readonly string[];
}

/** Another kernel than this one wrote the image; what it knows can be taken by force. */
export class WrongKernelError extends InputError {}

/** What a person knows of the writing kernel. */
export interface KernelChoice {
  readonly release?: string | undefined;
  /** The modules of the writing boot, in the order in which they were loaded. */
  readonly moduleOrder?: ModuleList | undefined;
  /** Takes a kernel that the image contradicts. */
  readonly force?: boolean | undefined;
  /** Addresses as the writing boot showed them, in place of the linked ones; without an image, as one without KASLR. */
  readonly asShown?: boolean | undefined;
}

/**
 * Of several kernels, the one that fits the image best; the release of the writer chooses too. What was collected on a
 * running kernel comes before its own file. Throws WrongKernelError for one that did not write it.
 * @param boot what the image says of the boot that wrote it; without it, nothing is held against the kernels
 */
export async function chooseKernel(
  { collected, kernels, modules, moreModules, passedOver: others }: SystemFiles,
  boot?: WritingBoot,
  { release, moduleOrder, force, asShown }: KernelChoice = {},
): Promise<ChosenKernel> {
  const named = kernels.filter(({ path }) => release !== undefined && releaseOfPath(path) === release);
  const passedOver = [...others];
  const chosen = await bestKernel(named.length > 0 ? named : kernels, boot, passedOver);
  if (chosen === undefined) {
    if (passedOver.length > 0 && isNothing(collected)) throw new InputError(passedOver[0]!);
    return { files: collected, found: undefined, passedOver };
  }
  const { kernel, file, fit, rivals } = chosen;
  if (fit?.verdict === "wrong" && !force)
    throw new WrongKernelError(
      `${file}: ${kernel.release ?? "this kernel"} did not write the image: ${fit.evidence
        .filter(({ verdict }) => verdict === "contradicts")
        .map(({ what, text }) => `${what}: ${text}`)
        .concat(passedOver.map((why) => `passed over: ${why}`))
        .join("; ")}`,
    );
  const own = modules.filter(({ path }) => (releaseOfPath(path) ?? kernel.release) === kernel.release);
  const sources = {
    stated: moduleOrder,
    moved: fit?.moved,
    collected: collected.modules === undefined ? undefined : parseModuleOrder(latin1(collected.modules)),
  };
  const known = own.length > 0 || moreModules;
  const loaded =
    boot && (known || lacksModules(kernel, boot, collected))
      ? await loadedModules(kernel, own, boot, sources)
      : undefined;
  // Who reads an image that tells the kernel's place takes the linked addresses and undoes the move.
  const moved =
    fit?.moved === undefined ? distanceWithoutKaslr(kernel.machine, kernel.release) : asShown ? fit.moved : 0n;
  return {
    files: mergeContextFiles(collected, contextFilesOf(kernel, loaded, moved)),
    found: { file, kernel, fit, modules: loaded, rivals },
    passedOver,
  };
}

const isNothing = (files: ContextFiles): boolean =>
  Object.values(files).every((part) => part === undefined || (Array.isArray(part) && part.length === 0));

/** Whether modules of the writing boot can have had events that nothing else tells of. */
function lacksModules({ nextId }: KernelImage, boot: WritingBoot, collected: ContextFiles): boolean {
  return boot.modules.length > 0 && collected.formats.length === 0 && [...boot.sizes.keys()].some((id) => id >= nextId);
}

type Candidate = Omit<FoundKernel, "modules">;

/** Without an image, the first. With one, all are looked at: builds of one source fit many images alike. */
async function bestKernel(
  files: readonly KernelFile[],
  boot: WritingBoot | undefined,
  passedOver: string[],
): Promise<Candidate | undefined> {
  const ranks = { fits: 2, possible: 1, wrong: 0 } as const;
  let best: Candidate | undefined;
  for (const candidate of files) {
    const kernel = await openOrPass(candidate, passedOver);
    if (kernel === undefined) continue;
    const file = nameOf(candidate);
    if (boot === undefined) return { file, kernel, fit: undefined, rivals: [] };
    const fit = kernelFit(kernel, boot);
    const rank = ranks[fit.verdict];
    const bestRank = best?.fit === undefined ? -1 : ranks[best.fit.verdict];
    if (rank > bestRank) best = { file, kernel, fit, rivals: [] };
    else if (rank === bestRank && rank > 0 && (kernel.buildId ?? file) !== best!.kernel.buildId)
      best = { ...best!, rivals: [...best!.rivals, file] };
  }
  return best;
}

/** A kernel; undefined where a file only has the name of one. */
async function openOrPass(file: KernelFile, passedOver: string[]): Promise<KernelImage | undefined> {
  try {
    return await openKernel(file);
  } catch (error) {
    if (!file.byName || !(error instanceof InputError)) throw error;
    passedOver.push(error.message);
    return undefined;
  }
}
