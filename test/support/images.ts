import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

const REPOSITORY = resolve(import.meta.dirname, "../..");
export const FIXTURES = join(REPOSITORY, "fixtures");
const DUMPS = process.env.RBTOOL_DUMPS ? resolve(process.env.RBTOOL_DUMPS) : resolve(REPOSITORY, "../shared/dumps");

/** A folder of a real image and its kernel's own reading of it. */
export interface RealImage {
  readonly name: string;
  readonly path: string;
  readonly info: { kernel: string; pagesize: number; cpus: number; bytes: number; addr: string };
  bytes(): Uint8Array;
  /** A text file beside it; undefined where it is not there. */
  text(file: string): string | undefined;
}

function imagesIn(folder: string): RealImage[] {
  return readdirSync(folder)
    .sort()
    .filter((name) => existsSync(join(folder, name, "image.bin.gz")))
    .map((name) => {
      const path = join(folder, name);
      return {
        name,
        path,
        info: JSON.parse(readFileSync(join(path, "info.json"), "utf8")),
        bytes: () => new Uint8Array(gunzipSync(readFileSync(join(path, "image.bin.gz")))),
        text: (file) => (existsSync(join(path, file)) ? readFileSync(join(path, file), "utf8") : undefined),
      };
    });
}

/** The images of the repository: always there. */
export const fixtureImages: readonly RealImage[] = imagesIn(join(FIXTURES, "dumps"));

/** All the real images there are: those of RBTOOL_DUMPS (default ../shared/dumps), or only the repository's. */
export const realImages: readonly RealImage[] = existsSync(DUMPS) ? imagesIn(DUMPS) : fixtureImages;

if (!existsSync(DUMPS))
  console.warn(
    `SKIPPED: no folder ${DUMPS}: only the ${fixtureImages.length} images of fixtures/ are tested (set RBTOOL_DUMPS)`,
  );

export function fixture(name: string): RealImage {
  const found = fixtureImages.find((image) => image.name === name);
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
}
