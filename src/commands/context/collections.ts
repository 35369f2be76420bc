import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../ground/errors.js";
import type { Image } from "../../image/image.js";
import { type ModuleChoice, NO_MODULES, type SystemFiles } from "../../system/collector.js";
import { gatherSystem } from "../../system/load.js";

const TARBALL = /\.(tar|tgz|tar\.(gz|xz|zst))$/;
/** What a folder holds that is a collection itself: the events of a tracefs, or a tarball of them. */
const EVENTS = /^events(\.(tar|tgz|tar\.(gz|xz|zst)))?$/;

/** What paths hold: collections of running kernels, one a tarball or a folder, and all else. A folder of them is each of them. */
export function collectionsIn(paths: readonly string[]): {
  readonly collections: readonly string[];
  readonly others: readonly string[];
} {
  const collections: string[] = [];
  const others: string[] = [];
  for (const path of paths) {
    const inside = collectionsOf(path);
    if (inside.length > 0) collections.push(...inside);
    else (TARBALL.test(path) || holdsEvents(entriesOf(path)) ? collections : others).push(path);
  }
  return { collections, others };
}

/** Those modules of a package that are read with an image: those that it names; any where it names none, or a person does. */
export function modulesOf(image: Image | undefined, moduleOrder: string | undefined): ModuleChoice {
  if (image === undefined) return NO_MODULES;
  const names = new Set(image.scratch?.modules.map(({ name }) => name));
  return names.size === 0 || moduleOrder !== undefined ? () => true : (name) => names.has(name);
}

/** What there is to say of modules without a kernel: only that can number their events. */
export function wordOnModulesAlone({ kernels, modules, moreModules, collected }: SystemFiles): string | undefined {
  if (kernels.length > 0 || collected.formats.length > 0 || (modules.length === 0 && !moreModules)) return undefined;
  return "modules alone tell no events: name their kernel, too (vmlinuz, or its package)";
}

/** What paths say of one kernel. Throws UsageError where they have event formats of several. */
export async function gatherOne(paths: readonly string[], wants: ModuleChoice): Promise<SystemFiles> {
  const { collections, others } = collectionsIn(paths);
  const withFormats: string[] = [];
  if (collections.length > 1)
    for (const path of collections)
      if ((await gatherSystem([path], NO_MODULES)).collected.formats.length > 0) withFormats.push(path);
  if (withFormats.length > 1)
    throw new UsageError(
      `${paths.join(", ")}: event formats of ${withFormats.length} kernels; name one of them, like ${withFormats[0]}`,
    );
  return gatherSystem([...collections, ...others], wants);
}

/** Collections in a directory that is none itself. */
function collectionsOf(path: string): string[] {
  const entries = entriesOf(path);
  if (holdsEvents(entries)) return [];
  const inside = entries
    .filter((entry) => (entry.isFile() ? TARBALL.test(entry.name) : holdsEvents(entriesOf(join(path, entry.name)))))
    .map(({ name }) => join(path, name));
  return inside.sort();
}

const holdsEvents = (entries: readonly Dirent[]): boolean => entries.some(({ name }) => EVENTS.test(name));

/** What a directory holds; nothing where it is none, or may not be read. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
