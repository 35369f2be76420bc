import { join } from "node:path";

const { writeBigImage } = (await import(join(import.meta.dirname, "../../scripts/bench/big-image.mjs"))) as {
  writeBigImage(path: string, bytes: number): void;
};

/** A full image of so many MiB, in a file of a folder. */
export function bigImage(folder: string, mib: number): string {
  const path = join(folder, "image.bin");
  writeBigImage(path, mib * 1024 * 1024);
  return path;
}
