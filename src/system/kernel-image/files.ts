import type { Allowance } from "../../input/budget.js";

/** A file that may be a kernel, not yet unwrapped. */
export interface KernelFile {
  /** What it was found in: a path that somebody named. */
  readonly origin: string;
  /** Where it lies in there. */
  readonly path: string;
  bytes(): Uint8Array;
  /** Found by its name: it may be something else. */
  readonly byName?: true;
  /** What it, and all that was named with it, may still unpack to; left out: as much as one file may. */
  readonly allowance?: Allowance;
}

/** A module, packed or not. */
export type ModuleFile = KernelFile;

/** The release that a path of a package names: boot/vmlinuz-RELEASE, lib/modules/RELEASE/... */
export function releaseOfPath(path: string): string | undefined {
  return (
    /(?:^|\/)modules\/([^/]+)\//.exec(path)?.[1] ??
    /(?:^|\/)[a-zA-Z]*[-_]?(?:vmlinu[xz]|[bz]?Image)-([^/]+)$/.exec(path)?.[1]
  );
}

/** A module's name as the kernel writes it: its file's, with underscores. */
export function moduleName(path: string): string {
  return path
    .replace(/^.*\//, "")
    .replace(/\.ko(?:\.\w+)?$/, "")
    .replaceAll("-", "_");
}
