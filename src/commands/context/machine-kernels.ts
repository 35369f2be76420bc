import { existsSync, readdirSync, readFileSync } from "node:fs";
import { release as runningRelease } from "node:os";
import { join } from "node:path";
import { InputError } from "../../ground/errors.js";
import type { SystemFiles } from "../../system/collector.js";
import type { ModuleFile } from "../../system/kernel-image/files.js";
import { gatherSystem } from "../../system/load.js";

/** Where distributions put a kernel of a release: Debian and most others; Fedora, and Debian since 7.0. */
const BOOT_FILES = [
  "boot/vmlinuz-RELEASE",
  "boot/vmlinux-RELEASE",
  "boot/Image-RELEASE",
  "lib/modules/RELEASE/vmlinuz",
];
/** A machine keeps two or three; each takes two seconds to read. */
const MAX_KERNELS = 3;

/**
 * The kernels that this machine has, with their modules; undefined where it has none.
 * @param release of the one that is wanted; without it all of them, the running one first
 */
export async function machineKernels(release?: string, root = "/"): Promise<SystemFiles | undefined> {
  const system = await gatherSystem([]);
  const releases = release === undefined ? releasesOf(root) : [release];
  for (const name of releases.slice(0, MAX_KERNELS)) {
    const path = BOOT_FILES.map((file) => join(root, file.replace("RELEASE", name))).find((file) => existsSync(file));
    if (path === undefined) continue;
    const origin = path;
    system.kernels.push({ origin, path: `boot/vmlinuz-${name}`, bytes: () => readFileSync(path), byName: true });
    const modules = join(root, "lib/modules", name);
    const found = existsSync(modules) ? await modulesIn(modules) : [];
    for (const file of found) system.modules.push({ ...file, path: `lib/modules/${name}/${file.path}` });
  }
  return system.kernels.length === 0 ? undefined : system;
}

async function modulesIn(folder: string): Promise<readonly ModuleFile[]> {
  try {
    return (await gatherSystem([folder])).modules;
  } catch (error) {
    // A folder without modules, as a kernel that has all in itself leaves it.
    if (error instanceof InputError) return [];
    throw error;
  }
}

function releasesOf(root: string): string[] {
  const names = new Set<string>();
  for (const name of namesIn(join(root, "boot"))) {
    const release = /^(?:vmlinu[xz]|Image)-(.+)$/.exec(name)?.[1];
    if (release !== undefined) names.add(release);
  }
  for (const name of namesIn(join(root, "lib/modules"))) names.add(name);
  const running = runningRelease();
  return [...names].sort((a, b) => Number(b === running) - Number(a === running) || (a < b ? 1 : -1));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, or not for this user.
    return [];
  }
}
