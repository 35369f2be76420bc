// The licences of what is bundled: MIT and its like ask that their text goes where the code goes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folders of the packages that these files are of, as package-lock.json names them. */
export function bundledPackages(inputs) {
  const folderOf = (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [];
  return [...new Set(inputs.flatMap(folderOf))].sort();
}

/** The text for a bundle that holds these packages. Throws where one has no licence to show. */
export function noticesOf(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder}: no licence to hand on`);
    const text = readFileSync(join(folder, file), "utf8").replace(/\r/g, "").trim();
    return { name, text: `${name} ${version} (${license})\n\n${text}\n` };
  });
  const texts = parts.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ text }) => text);
  return `rbtool contains the following software, each part under its own licence.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
