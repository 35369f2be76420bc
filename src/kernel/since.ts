import type { Kernel } from "./versions.js";

/** One difference between releases in how a buffer is read or mapped. The version table of boots is versions.ts. */
export interface Change<T> {
  /** First release that behaves so, and the first that no longer does (left out: all since). */
  readonly since: string;
  readonly until?: string;
  /** read: from the sources of the releases that `source` names. placed: by date, between two that were read. */
  readonly evidence: "read" | "placed" | "observed";
  readonly source: string;
  readonly change: string;
  readonly set: Partial<T>;
}

/** What a kernel does, by all changes that its version has, in order; and those changes. */
export function behaviourSince<T>(base: T, changes: readonly Change<T>[], kernel: Kernel) {
  const version = exactVersion(kernel);
  const applied = changes.filter(
    ({ since, until }) =>
      compare(version, numbers(since)) >= 0 && (until === undefined || compare(version, numbers(until)) < 0),
  );
  const behaviour: T = Object.assign({}, base, ...applied.map(({ set }) => set));
  return { behaviour, applied };
}

/** A release named without its third number is the newest of its series. */
function exactVersion({ release, version }: Kernel): readonly number[] {
  const bare = /^v?\d+\.\d+(?![.\d])/.test(release.trim());
  return bare ? [version[0], version[1], Infinity] : version;
}

function numbers(release: string): readonly number[] {
  return release.split(".").map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}
