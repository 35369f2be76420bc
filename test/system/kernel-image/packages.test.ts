import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { latin1 } from "../../../src/ground/latin1.js";
import { chooseKernel } from "../../../src/system/kernel-image/chosen-kernel.js";
import { gatherSystem } from "../../../src/system/load.js";

/** Of files that running kernels showed: format files by their path, kallsyms without modules, printk_formats. */
interface Digest {
  readonly formats: number;
  readonly events: string;
  readonly kallsyms?: string;
  readonly printkFormats?: string;
}

const DIGESTS = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../fixtures/kernels/digests.json"), "utf8"),
) as Record<string, Digest>;

/** A folder of packages (.ci/kernels makes one). */
const FOLDER = process.env.RBTOOL_PACKAGES;
const PACKAGES = FOLDER === undefined ? [] : readdirSync(FOLDER).filter((name) => /\.(?:deb|rpm)$/.test(name));
const releaseOf = (name: string): string => /^linux-(?:image|binary)-([^_]+)_/.exec(name)?.[1] ?? "";
const KNOWN = PACKAGES.filter((name) => DIGESTS[releaseOf(name)] !== undefined);

const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

if (KNOWN.length === 0)
  test.skip("no package of a known kernel (RBTOOL_PACKAGES): only kernels made in code are read", () => {});
else
  test.each(KNOWN)("%s: formats, symbols and strings are those of the running kernel", async (name) => {
    const digest = DIGESTS[releaseOf(name)]!;
    const { files, found } = await chooseKernel(await gatherSystem([join(FOLDER!, name)]));
    expect(found?.kernel.release).toBe(releaseOf(name));
    const formats = files.formats
      .map(({ path, bytes }) => ({ path: path.replace(/^events\//, ""), bytes }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(formats).toHaveLength(digest.formats);
    expect(sha256(...formats.flatMap(({ path, bytes }) => [`${path}\0`, bytes]))).toBe(digest.events);
    const symbols = latin1(files.kallsyms!.bytes)
      .split(/(?<=\n)/)
      .filter((line) => !line.includes("["));
    if (digest.kallsyms !== undefined) expect(sha256(symbols.join(""))).toBe(digest.kallsyms);
    if (digest.printkFormats !== undefined) expect(sha256(files.printkFormats!)).toBe(digest.printkFormats);
  });
