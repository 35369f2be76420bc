import { resolve, sep } from "node:path";
import { InputError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";
import { MAX_ARCHIVE_FILES, MAX_COLLECTED, MAX_KALLSYMS } from "../ground/limits.js";
import { reasonOf } from "../ground/reason.js";
import { tarEntries } from "../input/archive/tar.js";
import type { Allowance } from "../input/budget.js";
import { gunzip } from "../input/unpack/gunzip.js";
import type { ContextFiles } from "./context.js";
import { whyForeign } from "./foreign-file.js";
import { type KernelFile, type ModuleFile, moduleName } from "./kernel-image/files.js";
import { SymbolFile } from "./symbols/symbol-file.js";

/** What the paths of --system hold. */
export interface SystemFiles {
  /** Files as a running kernel shows them. */
  readonly collected: ContextFiles;
  /** The last one of each name, until all have been seen: those before it are not even unpacked. */
  readonly latest: Map<Collected, () => Uint8Array | undefined>;
  /** What only has the name of such a file, in words. */
  readonly passedOver: string[];
  /** A kernel's own: boot images, and modules. */
  readonly kernels: KernelFile[];
  readonly modules: ModuleFile[];
  /** Whether archives have modules that nobody wanted. */
  moreModules: boolean;
  /** What all of it may still unpack to. */
  readonly allowance: Allowance;
  /** Which modules of an archive are worth their memory; a directory's are read when they are asked for. */
  readonly wants: ModuleChoice;
}

/** Chooses modules by their names. */
export type ModuleChoice = (name: string) => boolean;

export const NO_MODULES: ModuleChoice = () => false;

/** Where files go, and what they came from. */
export interface Collector {
  readonly system: SystemFiles;
  readonly origin: string;
  /** How many more files it may have. */
  left: number;
  /** Archives that this one lies in. */
  readonly depth: number;
}

export function collectorOf(origin: string, system: SystemFiles): Collector {
  return { system, origin, left: MAX_ARCHIVE_FILES, depth: 0 };
}

/** A collection holds one archive, events.tar; one that holds itself has no end. */
const MAX_NESTING = 4;

export type Collected =
  | "kallsyms"
  | "printkFormats"
  | "cmdlines"
  | "dynamicEvents"
  | "modules"
  | "headerPage"
  | "headerEvent"
  | "traceClock";

/** Files that are kept as they are, by their names: where they go. */
const COLLECTED = new Map<string, Collected>([
  ["kallsyms", "kallsyms"],
  ["printk_formats", "printkFormats"],
  ["saved_cmdlines", "cmdlines"],
  ["cmdlines", "cmdlines"],
  ["dynamic_events", "dynamicEvents"],
  ["modules", "modules"],
  ["header_page", "headerPage"],
  ["header_event", "headerEvent"],
  ["trace_clock", "traceClock"],
]);

const MODULE_NAME = /\.ko(?:\.(?:xz|zst|gz))?$/;
/** What distributions and `make` call a kernel. */
const KERNEL_NAME = /^(?:vmlinu[xz]|bzImage|[zI]mage|Image|kernel)(?:[-.](?!.*\.(?:sig|hmac|p7s|sha\d+)$).*)?$/;
const CONFIG_NAME = /^(?:config.*|.*\.config)$/;

/** What an event's folder holds (event_create_dir(), kernel/trace/trace_events.c, 6.12 to 7.3), whatever the event is called. */
const OF_AN_EVENT = /^(?:enable|filter|format|hist|hist_debug|id|inject|trigger)$/;

type FileKind = Collected | "btf" | "format" | "release" | "archive" | "module" | "kernel" | "config";

/** What a file is for, by its name; undefined for one that is not even read. */
export function kindOf(path: string): FileKind | undefined {
  const name = partOf(path, 1);
  const folder = partOf(path, 2);
  const plain = plainName(name);
  if (folder === "btf" && !OF_AN_EVENT.test(plain)) return "btf";
  switch (plain) {
    case "format":
      return folder === "" ? undefined : "format";
    case "release":
    case "osrelease":
      return "release";
    case "events.tar":
    case "events.tgz":
      return "archive";
  }
  const collected = COLLECTED.get(plain);
  if (collected !== undefined) return collected;
  if (MODULE_NAME.test(name)) return "module";
  if (KERNEL_NAME.test(name)) return "kernel";
  return CONFIG_NAME.test(plain) ? "config" : undefined;
}

/** The same of a file in an archive: undefined for a module that nobody wants, too. */
export function wantedKind(path: string, { system }: Collector): FileKind | undefined {
  const kind = kindOf(path);
  if (kind !== "module" || system.wants(moduleName(path))) return kind;
  system.moreModules = true;
  return undefined;
}

/** Puts a file where it belongs. */
export function put(kind: FileKind, path: string, read: () => Uint8Array, into: Collector): void {
  const { system, origin } = into;
  const { collected, allowance } = system;
  const get = (most = MAX_COLLECTED): Uint8Array => {
    try {
      return maybeGunzip(read(), allowance, most);
    } catch (error) {
      throw new InputError(`${path}: ${reasonOf(error)}`);
    }
  };
  const getOwn = (most?: number): Uint8Array | undefined => {
    const bytes = get(most);
    const why = whyForeign(kind, bytes);
    if (why === undefined) return bytes;
    system.passedOver.push(`${origin}: ${path}: ${why}`);
    return undefined;
  };
  switch (kind) {
    case "btf":
      collected.btf ??= [];
      collected.btf.push({ name: plainName(partOf(path, 1)), bytes: get(Number.POSITIVE_INFINITY) });
      return;
    case "format":
      collected.formats.push({ system: partOf(path, 3), path, bytes: get() });
      return;
    case "release": {
      const bytes = getOwn();
      if (bytes !== undefined && bytes.length > 0) collected.release = latin1(bytes).trim();
      return;
    }
    case "archive":
      if (into.depth === MAX_NESTING)
        throw new InputError(`${path}: archives in archives, more than ${MAX_NESTING} deep`);
      putAll(get(Number.POSITIVE_INFINITY), { ...into, depth: into.depth + 1 });
      return;
    case "module":
      system.modules.push({ origin, path, bytes: read, allowance });
      return;
    case "kernel":
      system.kernels.push({ origin, path, bytes: read, allowance, byName: true });
      return;
    case "config": {
      const hz = /^CONFIG_HZ=(\d+)$/m.exec(latin1(get()));
      if (hz !== null) collected.hz = Number(hz[1]);
      return;
    }
    default:
      system.latest.set(kind, () => getOwn(kind === "kallsyms" ? MAX_KALLSYMS : MAX_COLLECTED));
  }
}

/** Unpacks what is kept as it is. */
export function settle({ collected, latest }: SystemFiles): void {
  for (const [kind, get] of latest) {
    const bytes = get();
    if (bytes === undefined) continue;
    if (kind === "kallsyms") collected.kallsyms = SymbolFile.of(bytes);
    else collected[kind] = bytes;
  }
  latest.clear();
}

/** All files of a tar archive. */
export function putAll(archive: Uint8Array, into: Collector): void {
  for (const { path, bytes } of tarEntries(archive)) {
    if (--into.left < 0) throw new InputError("too many files in it");
    const kind = wantedKind(path, into);
    if (kind !== undefined) put(kind, path, () => bytes, into);
  }
}

/** One format file by itself; where it lies in a copy of events/, that says its system. */
export function addFormat(path: string, bytes: Uint8Array, files: ContextFiles): void {
  const parts = resolve(path).split(sep);
  const system = parts[parts.length - 1] === "format" ? (parts[parts.length - 3] ?? "") : "";
  files.formats.push({ system, path, bytes });
}

/** @param most bytes that one of its kind has at most */
export function maybeGunzip(bytes: Uint8Array, allowance: Allowance, most?: number): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, allowance, most) : bytes;
}

export function plainName(name: string): string {
  return name.replace(/\.gz$/, "");
}

/** What stands between slashes, and is not a dot alone: the nth from the end; nothing where there are not so many. */
function partOf(path: string, nth: number): string {
  let end = path.length;
  for (let left = nth; end > 0; ) {
    const start = path.lastIndexOf("/", end - 1) + 1;
    const isPart = end > start && !(end === start + 1 && path[start] === ".");
    if (isPart && --left === 0) return path.slice(start, end);
    end = start - 1;
  }
  return "";
}
