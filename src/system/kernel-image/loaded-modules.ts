import type { ModuleFile } from "./files.js";
import type { WritingBoot } from "./fit.js";
import type { KernelImage, NumberedEvent } from "./kernel-image.js";
import { bestOrder, misfits, numberEvents } from "./load-order.js";
import { type KernelModule, moduleName, openModule } from "./module.js";

/** A module that the writing boot had, with its place. */
export interface LoadedModule {
  readonly module: KernelModule;
  readonly address: bigint | undefined;
}

/** The modules of the writing boot, and their events with their numbers. */
export interface LoadedModules {
  readonly modules: readonly LoadedModule[];
  readonly events: readonly NumberedEvent[];
  /** What is in doubt, or missing. */
  readonly notes: readonly string[];
}

/**
 * Reads the modules that the writing boot had, and numbers their events by replaying the order in which they were
 * loaded.
 * @param order oldest first, where somebody knows it; else the scratch area's entries tell
 */
export async function loadedModules(
  kernel: KernelImage,
  files: readonly ModuleFile[],
  boot: WritingBoot,
  order: readonly string[] | undefined,
): Promise<LoadedModules> {
  const scratch = boot.modules.map(({ name }) => name);
  const byName = new Map(files.map((file) => [moduleName(file.path), file]));
  const modules = new Map<string, KernelModule>();
  const missing: string[] = [];
  for (const name of new Set([...scratch, ...(order ?? [])])) {
    const file = byName.get(name);
    if (file === undefined) missing.push(name);
    else modules.set(name, await openModule(file, kernel.layout));
  }
  const notes: string[] = [];
  const addresses = new Map(boot.modules.map(({ name, address }) => [name, address]));
  const loaded = [...modules].map(([name, module]) => ({ module, address: addresses.get(name) || undefined }));
  // One that is missing may have had events: the numbers behind it are not known.
  if (missing.length > 0) {
    notes.push(
      `no file of ${missing.length} modules of the writing boot: ${missing.slice(0, 8).join(", ")}${missing.length > 8 ? ", ..." : ""}; events of modules are not numbered`,
    );
    return { modules: loaded, events: [], notes };
  }
  if (order !== undefined) return { modules: loaded, events: numberEvents(order, modules, kernel.nextId), notes };
  if (scratch.length === 0) return { modules: loaded, events: [], notes };
  const best = bestOrder(scratch, modules, kernel.nextId, boot.sizes);
  const events = numberEvents(best.order.names, modules, kernel.nextId);
  const unlike = new Set<number>();
  for (const other of best.equals)
    numberEvents(other.names, modules, kernel.nextId).forEach(({ event }, i) => {
      if (events[i]?.event !== event) unlike.add(events[i]?.id ?? 0);
    });
  const met = [...unlike].filter((id) => boot.sizes.has(id));
  if (met.length > 0)
    notes.push(
      `the load order of the modules is not given, and it is in doubt for ${met.length} kinds of event that occur (${best.equals.length} orders fit)`,
    );
  const wrong = misfits(events, boot.sizes);
  if (wrong > 0)
    notes.push(
      `${wrong} records do not fit the events that their numbers are of in the best load order of the modules; the true order is not given`,
    );
  return { modules: loaded, events, notes };
}

/**
 * A list of modules as somebody has it: /proc/modules or lsmod, newest first; or a name a line, in the order in which
 * they were loaded. Returns the oldest first.
 */
export function parseModuleOrder(text: string): string[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const names = lines
    .filter((line) => !/^Module\s+Size\s+Used by/.test(line))
    .map((line) => moduleName(line.split(/\s+/)[0]!));
  return lines.some((line) => /^\S+\s+\d+\s+\d+/.test(line)) ? names.reverse() : names;
}
