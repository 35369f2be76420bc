// Packages that are needed to build or check a release, and by nobody who installs: by npm, each held against its sum.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const CACHE = resolve("node_modules/.cache/rbtool");
const PINNED = JSON.parse(readFileSync(new URL("pinned.json", import.meta.url), "utf8"));

/** What is pinned, as name@version. */
export const pinned = Object.keys(PINNED);

/** Those that were asked for. */
export const taken = new Set();

/** The sum that a package of pinned.json must have, in hex by its kind. */
export function integrityOf(name) {
  const [kind, sum] = PINNED[name].split(/-(.*)/s);
  return { [kind]: Buffer.from(sum, "base64").toString("hex") };
}

/** The folder of a package of pinned.json, unpacked. What is there already is taken: only a verified one gets its name. */
export function fetched(name) {
  const integrity = PINNED[name];
  if (integrity === undefined) throw new Error(`${name} is not pinned in scripts/package/pinned.json`);
  taken.add(name);
  const folder = join(CACHE, name.replace(/\W+/g, "-"));
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "new-"));
  try {
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", work, name], {
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
    const [tarball] = readdirSync(work);
    const sum = `sha512-${createHash("sha512")
      .update(readFileSync(join(work, tarball)))
      .digest("base64")}`;
    if (sum !== integrity) throw new Error(`${name}: its sum is ${sum}, and not the pinned one`);
    execFileSync("tar", ["-xzf", tarball], { cwd: work });
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
