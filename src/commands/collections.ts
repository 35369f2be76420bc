import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const TARBALL = /\.(tar|tgz|tar\.(gz|xz|zst))$/;

/** What paths hold: collections of running kernels, one a tarball, and all else. A directory of tarballs is each of them. */
export function collectionsIn(paths: readonly string[]): {
  readonly collections: readonly string[];
  readonly others: readonly string[];
} {
  const collections: string[] = [];
  const others: string[] = [];
  for (const path of paths) {
    const inside = tarballsIn(path);
    if (inside.length > 0) collections.push(...inside);
    else (TARBALL.test(path) ? collections : others).push(path);
  }
  return { collections, others };
}

/** Tarballs in a directory that is no collection itself. */
function tarballsIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  const names = readdirSync(path).sort();
  // What a collection unpacks to holds a tarball of the events.
  const tarballs = names.filter((name) => TARBALL.test(name) && !/^events\./.test(name));
  return tarballs.map((name) => join(path, name));
}
