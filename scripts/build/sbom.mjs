// What is bundled, as a CycloneDX bill of materials. npm's own (`npm sbom`) has a random number and the time in it, and names
// nothing here: rbtool has no dependencies but those that are bundled. This one is the same for the same sources.
import { readFileSync } from "node:fs";

/** @param folders of the packages in the bundle, as in package-lock.json */
export function sbomOf(folders) {
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const components = folders.map((folder) =>
    componentOf(folder.replace(/^(?:.*\/)?node_modules\//, ""), packages[folder]),
  );
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "application", name, version, purl: purlOf(name, version) } },
    components,
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function componentOf(name, { version, license, integrity }) {
  return {
    type: "library",
    name,
    version,
    purl: purlOf(name, version),
    licenses: [{ license: { id: license } }],
    // Of the tarball that the registry has: package-lock.json's integrity.
    hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex") }],
  };
}

function purlOf(name, version) {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
