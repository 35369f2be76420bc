import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { CodeCache, codeCachePath } from "./code-cache.js";

/** The build puts it here: a sum of all files that are loaded. */
declare const BUILD: string;

/** A file of the program: a CommonJS module. */
type Body = (exports: object, require: (name: string) => unknown, module: Module, folder: string) => void;
interface Module {
  exports: object;
}

const path = codeCachePath(process.env);
const cache = path === undefined ? undefined : new CodeCache(path, BUILD);
const modules = new Map<string, Module>();
/** What was compiled in this run. */
const compiled = new Map<string, Script>();
const others = createRequire(__filename);

/** Runs a file of the program, from this file's folder, as V8 compiled it in an earlier run. Gives what it exports. */
export function load(name: string): object {
  const loaded = modules.get(name);
  if (loaded !== undefined) return loaded.exports;
  const filename = join(__dirname, name);
  // The build writes no other characters.
  const source = readFileSync(filename, "latin1");
  const cachedData = cache?.get(name);
  const script = new Script(`(function (exports, require, module, __dirname) {${source}\n})`, {
    filename,
    cachedData,
  });
  if (cachedData === undefined || script.cachedDataRejected) compiled.set(name, script);
  const module: Module = { exports: {} };
  modules.set(name, module);
  const body = script.runInThisContext() as Body;
  const require = (wanted: string): unknown => (wanted.startsWith("./") ? load(wanted.slice(2)) : others(wanted));
  body(module.exports, require, module, __dirname);
  return module.exports;
}

/** Keeps what V8 compiled, for the next run. */
export function keepCompiled(): void {
  cache?.keep(compiled);
}
