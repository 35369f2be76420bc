// What the files of a release were made of, as an in-toto statement with SLSA's provenance predicate (slsa.dev/provenance/v1). It
// holds no time and no machine: whoever builds the same commit gets the same statement.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { integrityOf, taken } from "./fetch.mjs";

/** @param files {name: bytes} of the release, made of the packages that were fetched for it */
export function provenanceOf(files) {
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: Object.entries(files).map(([file, bytes]) => ({ name: file, digest: { sha256: sha256(bytes) } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: `pkg:npm/${name}@${version}#npm-run-package`,
        externalParameters: { command: "npm ci && npm run package" },
        resolvedDependencies: [
          ...sources(),
          // Names every npm package that is bundled or builds, by the sum of what the registry has.
          { name: "package-lock.json", digest: { sha256: sha256(readFileSync("package-lock.json")) } },
          ...[...taken].sort().map((pin) => ({ uri: `pkg:npm/${pin}`, digest: integrityOf(pin) })),
        ],
      },
      runDetails: { builder: { id: `pkg:npm/${name}@${version}#scripts/package.mjs` } },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

/** The commit; none outside of git, or where the tree is not as committed: then no commit has these sources. */
function sources() {
  const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    if (git("status", "--porcelain") !== "") return [];
    return [{ name: "sources", digest: { gitCommit: git("rev-parse", "HEAD") } }];
  } catch {
    return [];
  }
}

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
