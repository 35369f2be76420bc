import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { ELF_TYPE, isElf } from "../elf/elf.js";
import { InputError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";
import { MAX_ARCHIVE_FILES } from "../ground/limits.js";
import { reasonOf } from "../ground/reason.js";
import { Allowance } from "../input/budget.js";
import { tarEntries } from "../input/tar.js";
import { gunzip } from "../input/unpack/gunzip.js";
import { isBtf } from "./btf.js";
import type { ContextFiles } from "./context.js";
import type { KernelFile, ModuleFile } from "./kernel-image/files.js";
import type { BtfFile } from "./kernel-types.js";

/** /lib/modules/RELEASE/kernel/drivers/... from the root: 11. */
const MAX_DEPTH = 16;
/** A collection holds one archive, events.tar; one that holds itself has no end. */
const MAX_NESTING = 4;

/** Where to find what; every part is optional and overrides what --system holds. */
export interface ContextSources {
  /** A directory or tar archive (gzip or not), of which only the formats are used. */
  readonly events?: string;
  readonly kallsyms?: string;
  readonly printkFormats?: string;
  readonly cmdlines?: string;
  /** The kernel's BTF, or a directory as /sys/kernel/btf. */
  readonly btf?: string;
  /** As a person states it. */
  readonly release?: string;
}

/** What the paths of --system hold. */
export interface SystemFiles {
  /** Files as a running kernel shows them. */
  readonly collected: ContextFiles;
  /** A kernel's own: boot images, and modules. */
  readonly kernels: KernelFile[];
  readonly modules: ModuleFile[];
  /** What all of it may still unpack to. */
  readonly allowance: Allowance;
}

/** Takes in files, directories, archives and packages, told by content. Throws InputError for what cannot be read. */
export async function gatherSystem(paths: readonly string[]): Promise<SystemFiles> {
  const system = noFiles({ formats: [] });
  for (const path of paths) {
    const format = isDirectory(path) ? readIfThere(join(path, "format")) : undefined;
    // One event's own directory: what a person has who cares for that event alone.
    if (format !== undefined) addFormat(join(path, "format"), format, system.collected);
    else if (isDirectory(path)) {
      const before = partsOf(system);
      walk("", 0, collectorOf(path, system));
      if (partsOf(system).every((part, i) => part === before[i]))
        throw new InputError(`${path}: nothing in it tells of a kernel`);
    } else await gatherFile(path, system);
  }
  return system;
}

/** All that is known so far, to see whether more is. */
function partsOf({ collected, kernels, modules }: SystemFiles): unknown[] {
  return [kernels.length, modules.length, collected.formats.length, collected.btf?.length, ...Object.values(collected)];
}

async function gatherFile(path: string, system: SystemFiles): Promise<void> {
  // Much code, which a directory does not need.
  const { packingOf } = await import("../input/unpack/packing.js");
  const { unpack } = await import("../input/unpack/unpack.js");
  const { archiveFiles } = await import("../input/archive/archive.js");
  try {
    let bytes: Uint8Array = readFileSync(path);
    const packing = packingOf(bytes);
    if (packing !== undefined) bytes = await unpack(bytes, packing, system.allowance);
    const archive = await archiveFiles(bytes, system.allowance);
    const file = { origin: path, path: path.split("/").at(-1)!, allowance: system.allowance };
    if (archive !== undefined) {
      const into = collectorOf(path, system);
      for (const entry of archive) sort(entry.path, () => entry.bytes, into);
    } else if (isBtf(bytes)) {
      system.collected.btf ??= [];
      system.collected.btf.push({ name: "vmlinux", bytes });
    } else if (isFormat(bytes)) addFormat(path, bytes, system.collected);
    else if (isModule(bytes)) system.modules.push({ ...file, bytes: () => bytes });
    else system.kernels.push({ ...file, bytes: () => bytes });
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

function noFiles(collected: ContextFiles): SystemFiles {
  return { collected, kernels: [], modules: [], allowance: new Allowance() };
}

function isModule(bytes: Uint8Array): boolean {
  return isElf(bytes) && bytes[bytes[5] === 2 ? 17 : 16] === ELF_TYPE.relocatable;
}

/** What options of their own name, over what is known already. Throws InputError for what cannot be read. */
export function loadContextFiles(sources: ContextSources, base: ContextFiles = { formats: [] }): ContextFiles {
  const files: ContextFiles = { ...base };
  const allowance = new Allowance();
  if (sources.events !== undefined) {
    const only: ContextFiles = { formats: [] };
    collect(sources.events, only, allowance);
    if (only.formats.length === 0) throw new InputError(`${sources.events}: no event formats in it`);
    files.formats = only.formats;
    if (only.dynamicEvents !== undefined) files.dynamicEvents = only.dynamicEvents;
    if (only.headerPage !== undefined) files.headerPage = only.headerPage;
    if (only.headerEvent !== undefined) files.headerEvent = only.headerEvent;
  }
  if (sources.kallsyms !== undefined) {
    files.kallsyms = readMaybeGzip(sources.kallsyms, allowance);
    delete files.regionEnds;
  }
  if (sources.printkFormats !== undefined) files.printkFormats = readMaybeGzip(sources.printkFormats, allowance);
  if (sources.cmdlines !== undefined) files.cmdlines = readMaybeGzip(sources.cmdlines, allowance);
  if (sources.btf !== undefined) files.btf = loadBtf(sources.btf, allowance);
  if (sources.release !== undefined) Object.assign(files, { release: sources.release, releaseStated: true });
  return files;
}

function loadBtf(path: string, allowance: Allowance): BtfFile[] {
  if (!isDirectory(path)) return [{ name: "vmlinux", bytes: readMaybeGzip(path, allowance) }];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, MAX_ARCHIVE_FILES)
    .map(({ name }) => ({ name: plainName(name), bytes: readMaybeGzip(join(path, name), allowance) }));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

function plainName(name: string): string {
  return name.replace(/\.gz$/, "");
}

/** A file's bytes, unpacked when it is gzip. */
export function readMaybeGzip(path: string, allowance = new Allowance()): Uint8Array {
  try {
    return maybeGunzip(readFileSync(path), allowance);
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

function maybeGunzip(bytes: Uint8Array, allowance: Allowance): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, allowance) : bytes;
}

function collect(path: string, files: ContextFiles, allowance: Allowance): void {
  const into = collectorOf(path, { collected: files, kernels: [], modules: [], allowance });
  if (isDirectory(path)) {
    // One event's own directory: what a person has who cares for that event alone.
    const format = readIfThere(join(path, "format"));
    if (format !== undefined) addFormat(join(path, "format"), format, files);
    else walk("", 0, into);
    return;
  }
  const bytes = readMaybeGzip(path, allowance);
  if (isFormat(bytes)) {
    addFormat(path, bytes, files);
    return;
  }
  for (const entry of tarEntries(bytes)) sort(entry.path, () => entry.bytes, into);
}

/** Whether a file begins as a format file does. */
function isFormat(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 6)) === "name: ";
}

/** One format file by itself; where it lies in a copy of events/, that says its system. */
function addFormat(path: string, bytes: Uint8Array, files: ContextFiles): void {
  const parts = resolve(path).split(sep);
  const system = parts[parts.length - 1] === "format" ? (parts[parts.length - 3] ?? "") : "";
  files.formats.push({ system, path, bytes });
}

/** Where files go, and what they came from. */
interface Collector extends SystemFiles {
  readonly origin: string;
  /** How many more files it may have. */
  left: number;
  /** Archives that this one lies in. */
  readonly depth: number;
}

function collectorOf(origin: string, system: SystemFiles): Collector {
  return { ...system, origin, left: MAX_ARCHIVE_FILES, depth: 0 };
}

/** Collects from a folder that lies `depth` below the origin. */
function walk(relative: string, depth: number, into: Collector): void {
  if (depth > MAX_DEPTH) return;
  const { origin: root } = into;
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, relative), { withFileTypes: true });
  } catch (error) {
    // A directory of a live tracefs that may not be read is passed over; the top one is the user's mistake.
    if (depth === 0) throw new InputError(`${root}: ${reasonOf(error)}`);
    return;
  }
  for (const entry of entries) {
    if (--into.left < 0) throw new InputError(`${root}: too many files in it`);
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    // Of a live tracefs, instances hold copies and per_cpu files block.
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) {
      // SYSTEM/EVENT: all that counts in it is the format, and there are thousands.
      const format = depth > 0 ? readIfThere(`${root}/${path}/format`) : undefined;
      if (format !== undefined) sort(`${path}/format`, () => format, into);
      else walk(path, depth + 1, into);
    } else if (entry.isFile()) sort(path, () => readFileSync(join(root, path)), into);
  }
}

const shared = new Uint8Array(64 * 1024);

/** A small file's bytes; undefined where it cannot be opened, or is not small. */
function readIfThere(path: string): Uint8Array | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    let size = 0;
    // Files of a tracefs come in pieces.
    for (;;) {
      const got = readSync(fd, shared, size, shared.length - size, null);
      if (got === 0) return shared.slice(0, size);
      size += got;
      if (size === shared.length) return undefined;
    }
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

const SKIPPED = new Set(["instances", "per_cpu", "options"]);

const MODULE_NAME = /\.ko(?:\.(?:xz|zst|gz))?$/;
/** What distributions and `make` call a kernel. */
const KERNEL_NAME = /^(?:vmlinu[xz]|bzImage|[zI]mage|Image|kernel)(?:[-.](?!.*\.(?:sig|hmac|p7s|sha\d+)$).*)?$/;

/** Puts a file where it belongs, by its name; others are not even read. */
function sort(path: string, read: () => Uint8Array, into: Collector): void {
  const files = into.collected;
  const parts = path.split("/").filter((p) => p !== "" && p !== ".");
  const name = parts[parts.length - 1] ?? "";
  const plain = plainName(name);
  const get = () => {
    try {
      return maybeGunzip(read(), into.allowance);
    } catch (error) {
      throw new InputError(`${path}: ${reasonOf(error)}`);
    }
  };
  if (parts[parts.length - 2] === "btf") {
    files.btf ??= [];
    files.btf.push({ name: plain, bytes: get() });
    return;
  }
  switch (plain) {
    case "format":
      if (parts.length >= 2) files.formats.push({ system: parts[parts.length - 3] ?? "", path, bytes: get() });
      return;
    case "kallsyms":
      files.kallsyms = get();
      return;
    case "printk_formats":
      files.printkFormats = get();
      return;
    case "saved_cmdlines":
    case "cmdlines":
      files.cmdlines = get();
      return;
    case "dynamic_events":
      files.dynamicEvents = get();
      return;
    case "modules":
      files.modules = get();
      return;
    case "header_page":
      files.headerPage = get();
      return;
    case "header_event":
      files.headerEvent = get();
      return;
    case "trace_clock":
      files.traceClock = get();
      return;
    case "release":
    case "osrelease":
      files.release = latin1(get()).trim();
      return;
    case "events.tar":
    case "events.tgz":
      if (into.depth === MAX_NESTING)
        throw new InputError(`${path}: archives in archives, more than ${MAX_NESTING} deep`);
      for (const entry of tarEntries(get())) sort(entry.path, () => entry.bytes, { ...into, depth: into.depth + 1 });
      return;
    default: {
      const { origin, allowance } = into;
      const file = { origin, path, bytes: read, allowance };
      if (MODULE_NAME.test(name)) into.modules.push(file);
      else if (KERNEL_NAME.test(name)) into.kernels.push(file);
      const hz = /^(?:config.*|.*\.config)$/.test(plain) ? /^CONFIG_HZ=(\d+)$/m.exec(latin1(get())) : null;
      if (hz !== null) files.hz = Number(hz[1]);
    }
  }
}
