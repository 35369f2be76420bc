// Node's own modules, by getBuiltinModule(). An import statement runs every getter of a module: `import { readSync } from
// "node:fs"` alone loads fs.promises, streams and readline, a third of what a quick command adds to an empty program's time.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";

/** Slow to load, and needed by few: loaded when one of their functions is called. */
const LAZY = new Set(["node:zlib", "node:crypto", "node:v8", "node:tty"]);

/** esbuild's plugin for it. */
export const builtins = {
  name: "builtins",
  setup(build) {
    const used = namesUsed("src");
    const filter = new RegExp(`^(node:)?(${builtinModules.join("|")})$`);
    build.onResolve({ filter }, ({ path, importer }) => ({
      path: path.startsWith("node:") ? path : `node:${path}`,
      namespace: /[\\/]node_modules[\\/]/.test(importer) ? "builtin-of-others" : "builtin",
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin-of-others" }, ({ path }) => ({
      contents: `module.exports = ${moduleAt(path)};`,
    }));
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      const names = [...(used.get(path) ?? [])];
      if (LAZY.has(path))
        return {
          contents: names
            .map((name) => `export const ${name} = (...args) => ${moduleAt(path)}.${name}(...args);`)
            .join("\n"),
        };
      return { contents: `const module = ${moduleAt(path)};\nexport const { ${names.join(", ")} } = module;` };
    });
  },
};

const moduleAt = (path) => `process.getBuiltinModule(${JSON.stringify(path)})`;

/** The names that a folder's files import from Node's modules, by module. */
function namesUsed(folder) {
  const used = new Map();
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, list, module] of text.matchAll(/^import \{([^}]*)\} from "(node:[^"]+)";/gm)) {
      const names = used.get(module) ?? new Set();
      for (const [, name] of list.matchAll(/(?:^|,)\s*(?!type )(\w+)/g)) names.add(name);
      used.set(module, names);
    }
  }
  return used;
}
