// esbuild makes a chunk for every set of commands that share something: forty files for a quick command, and each costs time
// to find and read. Here what the command line itself loads becomes one file, and what at least half of the commands load another.
import { basename } from "node:path";
import { build } from "esbuild";

/** Writes a split bundle (esbuild's result, not yet written) to a folder, with the chunks that are loaded often in two files. */
export async function writeMerged({ outputFiles, metafile }, entry, options) {
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const groups = groupsOf(outputs, entry);
  const groupOf = new Map([...groups].flatMap(([group, chunks]) => chunks.map((chunk) => [chunk, group])));
  const merge = {
    name: "merge",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) => {
        if (kind === "entry-point") return { path, namespace: groups.has(path) ? "facade" : "chunk" };
        const name = basename(path);
        const group = groupOf.get(name);
        if (group === undefined || kind === "dynamic-import") return { path: `./${name}`, external: true };
        const from = namespace === "facade" ? importer : groupOf.get(importer);
        return { path: name, namespace: from === group ? "chunk" : "alias" };
      });
      onLoad({ filter: /.*/, namespace: "chunk" }, ({ path }) => ({ contents: texts.get(path) }));
      onLoad({ filter: /.*/, namespace: "facade" }, ({ path }) => ({
        contents: groups
          .get(path)
          .map((chunk) => exportsOf(chunk, (name) => `${name} as ${inGroup(chunk, name)}`, chunk))
          .join("\n"),
      }));
      onLoad({ filter: /.*/, namespace: "alias" }, ({ path }) => ({
        contents: exportsOf(path, (name) => `${inGroup(path, name)} as ${name}`, groupOf.get(path)),
      }));
    },
  };
  const exportsOf = (chunk, as, from) =>
    `export { ${outputs.get(chunk).exports.map(as).join(", ")} } from "./${from}";`;
  const entryPoints = [...groups.keys(), ...[...texts.keys()].filter((name) => !groupOf.has(name))];
  await build({ ...options, bundle: true, entryPoints, plugins: [merge] });
}

/** Bytes, before they are minified. */
const SMALL = 3000;

/** A name of a chunk as its group exports it. */
const inGroup = (chunk, name) => `${chunk.replace(/\W/g, "_")}_${name}`;

/** The chunks of each group, by the file that they become. */
function groupsOf(outputs, entry) {
  const base = shared(outputs, entry);
  const commands = outputs.get(entry).imports.filter(({ kind }) => kind === "dynamic-import");
  const users = new Map();
  for (const { path } of commands)
    for (const chunk of shared(outputs, basename(path))) users.set(chunk, [...(users.get(chunk) ?? []), path]);
  const candidates = [...users.keys()].filter((chunk) => !base.has(chunk));
  const often = new Set(candidates.filter((chunk) => users.get(chunk).length * 2 >= commands.length));
  // A small one costs those that load the file anyway less than a file more; what it needs itself must be there too.
  const loadIt = (command) => [...often].some((chunk) => users.get(chunk).includes(command));
  const there = (chunk) => base.has(chunk) || often.has(chunk);
  for (const chunk of candidates.sort((a, b) => shared(outputs, a).size - shared(outputs, b).size))
    if (outputs.get(chunk).bytes < SMALL && users.get(chunk).every(loadIt) && [...shared(outputs, chunk)].every(there))
      often.add(chunk);
  return new Map([
    ["base.js", [...base].sort()],
    ["often.js", [...often].sort()],
  ]);
}

/** The shared chunks that a file loads, however far down. */
function shared(outputs, file, found = new Set()) {
  for (const { path, kind } of outputs.get(file).imports) {
    const name = basename(path);
    if (kind !== "import-statement" || found.has(name) || outputs.get(name) === undefined) continue;
    if (outputs.get(name).entryPoint === undefined) found.add(name);
    shared(outputs, name, found);
  }
  return found;
}
