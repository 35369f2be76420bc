import { type Fit, formatsFit, strangeRelease } from "../../derive/fit.js";
import type { Image } from "../../image/image.js";
import type { PhysicalMemory } from "../../input/memory/physical.js";
import { type Io, tell } from "../../io.js";
import { NO_MODULES } from "../../system/collector.js";
import { buildContext, type ContextFiles, type TraceContext } from "../../system/context.js";
import { gatherSystem, loadContextFiles } from "../../system/load.js";
import { type WritingKernel, writingKernel } from "../../system/writing-kernel.js";
import { collectionsIn, modulesOf, wordOnModulesAlone } from "./collections.js";
import { type FittingContext, fromKernels, orElse, tellOfKernel } from "./fitting.js";
import { misfitText, refuseMisfit, strangeReleaseText } from "./formats-fit.js";
import { liveContext, machineContext } from "./live.js";
import { type ContextOptions, type FormatsOptions, sourcesOf, statedRelease } from "./options.js";

/** Loads what the options name; without any, what this machine's tracefs has, if the image can be its own. */
export async function loadContext(image: Image, options: ContextOptions, io: Io): Promise<FittingContext> {
  const named = options.system ?? options.events ?? options.kallsyms ?? options.printkFormats ?? options.btf;
  if (named === undefined && options.live !== false) {
    const live = liveContext(image, options);
    if (live !== undefined) {
      tell(io, `reading with this machine's own event formats (${live.release}); --no-live for none`);
      return live;
    }
    const own = await machineContext(image, options, io);
    if (own !== undefined) return own;
  }
  const paths = await chosenPaths(options.system ?? [], image, options, io);
  const context = await contextOf(paths, image, options, io);
  if (context.formats.size === 0) {
    const strange = strangeRelease(image, context);
    if (strange !== undefined) tell(io, strangeReleaseText(strange));
    return { ...context, fit: undefined };
  }
  const fit = formatsFit(image, writingKernel(context));
  // What is wrong with the format of an event that does not occur is for `rbtool formats`.
  const occurring = new Set(
    [...fit.types].map((type) => context.formats.get(type)).map((f) => f && `${f.system}/${f.name}`),
  );
  for (const { event, message } of context.formats.problems) if (occurring.has(event)) tell(io, `${event}: ${message}`);
  if (fit.verdict === "fits" && fit.strangeRelease !== undefined) tell(io, misfitText(fit, context));
  const unknown = [...fit.unknown.values()].reduce((sum, count) => sum + count, 0);
  if (fit.verdict === "fits" && unknown > 0)
    tell(io, `${unknown} of ${fit.records} records have an ID that no format has: their events cannot be decoded`);
  if (!options.force) refuseMisfit(fit, context);
  else if (fit.verdict === "wrong") tell(io, `event formats of another build: ${misfitText(fit, context)}`);
  return { ...context, fit };
}

/** What the options name of the writing kernel; undefined where they name nothing. */
export async function statedKernel(image: Image, options: FormatsOptions, io: Io): Promise<WritingKernel | undefined> {
  if ((options.system ?? options.events ?? options.writerRelease) === undefined) return undefined;
  return writingKernel(await loadContext(image, { ...options, live: false }, io));
}

async function contextOf(
  paths: readonly string[],
  image: Image,
  options: ContextOptions,
  io: Io,
): Promise<TraceContext> {
  const system = await gatherSystem(paths, modulesOf(image, options.moduleOrder));
  const chosen = await fromKernels(image, system, options);
  const { files, found } = chosen;
  if (found !== undefined && system.kernels.length > 1)
    tell(
      io,
      `reading with ${found.file} (${found.kernel.release}), of ${system.kernels.length} kernels${orElse(found.rivals)}`,
    );
  const alone = wordOnModulesAlone(system);
  if (alone !== undefined) tell(io, alone);
  tellOfKernel(io, chosen);
  const stated = loadContextFiles(sourcesOf(options), files);
  const { machine } = image.source;
  const all = machine === undefined ? stated : await withDump(machine, stated, io);
  const context = buildContext(all, image.layout.abi);
  if (context.symbols?.hidden)
    tell(io, "kallsyms has no addresses (kptr_restrict hides them from everyone but root): no symbols");
  return context;
}

/** What a dump says of its kernel is looked for where there is a dump. */
async function withDump(machine: PhysicalMemory, files: ContextFiles, io: Io): Promise<ContextFiles> {
  const { fromDump } = await import("./dump.js");
  return fromDump(machine, files, io);
}

/** Of several collections, the one whose formats fit the image best. */
async function chosenPaths(
  named: readonly string[],
  image: Image,
  options: ContextOptions,
  io: Io,
): Promise<readonly string[]> {
  const { collections, others } = collectionsIn(named);
  if (collections.length < 2) return [...collections, ...others];
  const rated: { readonly path: string; readonly fit: Fit; readonly parts: number }[] = [];
  for (const path of collections) {
    const { collected } = await gatherSystem([path], NO_MODULES);
    if (collected.formats.length === 0) continue;
    const files = loadContextFiles(statedRelease(options), collected);
    const parts = Object.keys(collected).length;
    rated.push({ path, parts, fit: formatsFit(image, writingKernel(buildContext(files, image.layout.abi))) });
  }
  const worth = ({ fit }: { readonly fit: Fit }) => (fit.verdict === "fits" ? 1 : 0) * fit.records + fit.fitting;
  const [best, ...rest] = rated.sort((a, b) => worth(b) - worth(a) || b.parts - a.parts);
  if (best === undefined) return [...collections, ...others];
  const { records, fitting, verdict } = best.fit;
  const equal = rest.filter((other) => worth(other) === worth(best)).map(({ path }) => path);
  if (verdict === "fits" || options.force)
    tell(
      io,
      `reading with ${best.path}, of ${rated.length} collections: ${fitting} of ${records} records fit it` +
        (equal.length === 0 ? ", and no other fits as well" : orElse(equal)),
    );
  return [best.path, ...others];
}
