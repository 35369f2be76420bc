import { statSync } from "node:fs";

/** False where there is nothing of that name, too. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
