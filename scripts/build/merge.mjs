// esbuild makes a chunk for every set of commands that share something: seventy files for `events`, and each costs time to
// find and read. Here what the command line itself loads becomes one file, and what many commands load a few others.
import { basename } from "node:path";
import { build } from "esbuild";

/**
 * Writes a split bundle (esbuild's result, not yet written) to a folder, with the chunks that are loaded often in a few files: all
 * of them CommonJS modules, of which alone V8 takes back what it compiled (src/start/).
 * @param entry of the command line
 * @param list the source that names all commands
 */
export async function writeMerged({ outputFiles, metafile }, { entry, list }, options) {
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const sources = metafile.inputs[list].imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path);
  const commands = [...outputs].filter(([, { entryPoint }]) => sources.includes(entryPoint)).map(([name]) => name);
  const groups = groupsOf(outputs, entry, commands);
  const groupOf = new Map([...groups].flatMap(([group, chunks]) => chunks.map((chunk) => [chunk, group])));
  const fileOf = (chunk) => groupOf.get(chunk) ?? chunk;
  const wanted = wantedOf(texts, fileOf);
  const numbers = new Map([...groupOf.keys()].map((chunk, number) => [chunk, number]));
  /** A name of a chunk as its file exports it. */
  const exported = (chunk, name) => (numbers.has(chunk) ? `${name}_${numbers.get(chunk)}` : name);
  const merge = {
    name: "merge",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) => {
        if (kind === "entry-point") return { path, namespace: groups.has(path) ? "facade" : "chunk" };
        if (kind !== "import-statement") return { path, external: true };
        const chunk = basename(path);
        const from = namespace === "facade" ? importer : fileOf(importer);
        return { path: chunk, namespace: fileOf(chunk) === from ? "chunk" : "other" };
      });
      onLoad({ filter: /.*/, namespace: "chunk" }, ({ path }) => ({ contents: texts.get(path) }));
      // Values, since no name changes its value: esbuild's own exports are two functions for each name.
      onLoad({ filter: /.*/, namespace: "facade" }, ({ path }) => {
        const names = groups.get(path).map((chunk) => [chunk, [...(wanted.get(chunk) ?? [])]]);
        const imports = names.map(([chunk, of]) => {
          const taken = of.map((name) => `${name} as ${exported(chunk, name)}`);
          return `import { ${taken.join(", ")} } from "./${chunk}";`;
        });
        const given = names.flatMap(([chunk, of]) => of.map((name) => exported(chunk, name)));
        return { contents: `${imports.join("\n")}\nmodule.exports = { ${given.join(", ")} };` };
      });
      // Variables of its own: esbuild's would ask the other file each time they are used, in loops too.
      onLoad({ filter: /.*/, namespace: "other" }, ({ path }) => {
        const names = [...(wanted.get(path) ?? [])];
        const taken = names.map((name) => `${exported(path, name)}: ${name}`);
        return {
          contents: `const { ${taken.join(", ")} } = require("./${fileOf(path)}");\nexport { ${names.join(", ")} };`,
        };
      });
    },
  };
  const entryPoints = [...groups.keys(), ...[...texts.keys()].filter((name) => !groupOf.has(name))];
  // An import() becomes a require() too: that of a script would need a loader of its own.
  const supported = { "dynamic-import": false };
  await build({ ...options, bundle: true, entryPoints, plugins: [merge], format: "cjs", supported });
}

/** By chunk: what files import of it that it is no part of. */
function wantedOf(texts, fileOf) {
  const wanted = new Map();
  for (const [file, text] of texts)
    for (const [, list, chunk] of text.matchAll(/^import \{([^}]*)\} from "\.\/([^"]+)";/gm)) {
      if (fileOf(chunk) === fileOf(file)) continue;
      const names = list.split(",").map((name) => name.trim().split(" as ")[0]);
      wanted.set(chunk, new Set([...(wanted.get(chunk) ?? []), ...names]));
    }
  return wanted;
}

/** What a file costs in time, as so many bytes that are read and not run; before they are minified. */
const FILE = 20_000;

/**
 * The chunks of each group, by the file that they become: of all that `rbtool --version` loads, and of those that it pays to
 * have together. Two groups become one where that saves more than is lost by the starts that need one of them only.
 */
function groupsOf(outputs, entry, commands) {
  const base = shared(outputs, entry);
  const starts = [base, ...commands.map((command) => shared(outputs, command, new Set(base)))];
  const single = (chunk) => ({
    chunks: new Set([chunk]),
    bytes: outputs.get(chunk).bytes,
    users: new Set(starts.filter((chunks) => chunks.has(chunk))),
  });
  const joined = (a, b) => ({
    chunks: new Set([...a.chunks, ...b.chunks]),
    bytes: a.bytes + b.bytes,
    users: new Set([...a.users, ...b.users]),
  });
  const cost = ({ bytes, users }) => users.size * (bytes + FILE);
  const [first, ...others] = base;
  const rest = new Set(starts.flatMap((chunks) => [...chunks]).filter((chunk) => !base.has(chunk)));
  let groups = [others.map(single).reduce(joined, single(first)), ...[...rest].sort().map(single)];
  for (;;) {
    const pairs = groups.flatMap((a, at) => groups.slice(at + 1).map((b) => ({ a, b, both: joined(a, b) })));
    const saved = ({ a, b, both }) => cost(a) + cost(b) - cost(both);
    const better = pairs.filter((pair) => saved(pair) > 0).sort((x, y) => saved(y) - saved(x));
    const best = better.find(({ a, b }) => !isBetween(outputs, groups, a, b) && !isBetween(outputs, groups, b, a));
    if (best === undefined) break;
    // The base stays the first.
    groups = groups.map((group) => (group === best.a ? best.both : group)).filter((group) => group !== best.b);
  }
  const nameOf = ({ chunks }, at) => (at === 0 ? "base.cjs" : `shared-${[...chunks].sort()[0].replace(/^chunk-/, "")}`);
  return new Map(groups.map((group, at) => [nameOf(group, at), [...group.chunks].sort()]));
}

/** Whether a group needs another one by way of others: as one file, the two and those would need each other. */
function isBetween(outputs, groups, from, to) {
  const needs = (group) => {
    const needed = new Set([...group.chunks].flatMap((chunk) => [...shared(outputs, chunk)]));
    return groups.filter((other) => other !== group && [...other.chunks].some((chunk) => needed.has(chunk)));
  };
  const between = new Set(needs(from).filter((group) => group !== to));
  for (const group of between)
    for (const next of needs(group)) {
      if (next === to) return true;
      between.add(next);
    }
  return false;
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
