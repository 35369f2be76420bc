import type { KernelFile } from "./files.js";

/** How messages call a file: the path that was named, and where in it. */
export function nameOf({ origin, path }: KernelFile): string {
  return origin.endsWith(path) ? origin : `${origin}: ${path.replace(/^\.\//, "")}`;
}
