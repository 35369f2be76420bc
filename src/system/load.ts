import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { ELF_TYPE, isElfOf } from "../elf/elf.js";
import { InputError } from "../ground/errors.js";
import { MAX_ARCHIVE_FILES, MAX_COLLECTED, MAX_KALLSYMS } from "../ground/limits.js";
import { reasonOf } from "../ground/reason.js";
import { isTar } from "../input/archive/tar.js";
import { Allowance } from "../input/budget.js";
import { FileSource } from "../input/file-source.js";
import { readOpen, readWhole } from "../input/read-file.js";
import { MemorySource, type Source } from "../input/source.js";
import { isBtf } from "./btf.js";
import {
  addFormat,
  type Collector,
  collectorOf,
  kindOf,
  type ModuleChoice,
  maybeGunzip,
  NO_MODULES,
  plainName,
  put,
  putAll,
  type SystemFiles,
  settle,
  wantedKind,
} from "./collector.js";
import type { ContextFiles } from "./context.js";
import { refuseForeign } from "./foreign-file.js";
import { endsAsFormat, isFormat } from "./formats/peek-format.js";
import type { FormatFile } from "./formats/table.js";
import type { BtfFile } from "./kernel-types.js";
import { SymbolFile } from "./symbols/symbol-file.js";

/** /lib/modules/RELEASE/kernel/drivers/... from the root: 11. */
const MAX_DEPTH = 16;

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

/**
 * Takes in files, directories, archives and packages, told by content. Archives are read once, in order: what does not
 * matter in them is passed over. Throws InputError for what cannot be read.
 */
export async function gatherSystem(paths: readonly string[], wants: ModuleChoice = () => true): Promise<SystemFiles> {
  const system = noFiles({ formats: [] }, wants);
  const unknown: string[] = [];
  for (const path of paths) {
    const before = partsOf(system);
    const known = system.collected.formats.length;
    const passedOver = system.passedOver.length;
    const directory = isDirectory(path);
    if (directory) gatherDirectory(path, system);
    else await gatherFile(path, system);
    refuseEmpty(path, system.collected.formats.slice(known));
    if (!partsOf(system).every((part, i) => part === before[i])) continue;
    if (directory)
      throw new InputError(
        system.passedOver[passedOver] ?? `${path}: nothing in it tells of a kernel${wordOnPackages(path)}`,
      );
    // Among all that belongs to a kernel there are packages without a file of it.
    unknown.push(path);
  }
  if (unknown.length > 0 && unknown.length === paths.length) {
    const [foreign] = system.passedOver;
    throw foreign === undefined ? await nothingIn(unknown[0]!, system) : new InputError(foreign);
  }
  return system;
}

/** A directory's packages are not opened: of a mirror nobody wants all. */
function wordOnPackages(folder: string): string {
  const names = readdirSync(folder).filter((name) => /\.(?:deb|rpm)$/.test(name));
  return names.length === 0 ? "" : `; name each package that belongs to it, like ${join(folder, names.sort()[0]!)}`;
}

/** Distributions have packages that only name others. */
async function nothingIn(path: string, { allowance }: SystemFiles): Promise<InputError> {
  const { dependsOf } = await import("../input/archive/archive.js");
  const source = openFile(path, allowance);
  try {
    // A kernel's own have its release in their names.
    const names = (await dependsOf(source, allowance)).filter((name) => /\d/.test(name));
    const needed = names.length > 0 ? `; give it with the packages that it depends on: ${names.join(", ")}` : "";
    return new InputError(`${path}: nothing in it tells of a kernel${needed}`);
  } finally {
    source.close();
  }
}

/** Files of a tracefs have no size, so tar keeps nothing of them. */
function refuseEmpty(path: string, formats: readonly FormatFile[]): void {
  if (formats.length > 0 && formats.every(({ bytes }) => bytes.length === 0))
    throw new InputError(
      `${path}: all its event formats are empty, as tar takes the files of a tracefs for empty: ` +
        "copy them with cp -r first, or collect them as `rbtool collect-script` does",
    );
}

/** All that is known so far, to see whether more is. */
function partsOf({ collected, kernels, modules, moreModules }: SystemFiles): unknown[] {
  const { formats, btf } = collected;
  return [kernels.length, modules.length, moreModules, formats.length, btf?.length, ...Object.values(collected)];
}

async function gatherFile(path: string, system: SystemFiles): Promise<void> {
  // Much code, which a directory does not need.
  const { contentOf, openArchive } = await import("../input/archive/archive.js");
  const { allowance } = system;
  try {
    const source = openFile(path, allowance);
    try {
      const found = await openArchive(source, allowance);
      if (found instanceof Uint8Array) sortByContent(path, found, system);
      else {
        const into = collectorOf(path, system);
        for await (const member of found) {
          const kind = wantedKind(member.path, into);
          if (kind === undefined) continue;
          const bytes = await contentOf(member, allowance);
          put(kind, member.path, () => bytes, into);
        }
      }
      settle(system);
    } finally {
      source.close();
    }
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

/** A pipe is read at once. */
function openFile(path: string, allowance: Allowance): Source {
  const fd = openSync(path, "r");
  if (fstatSync(fd).isFile()) return new FileSource(fd, path);
  try {
    return new MemorySource(readOpen(fd, allowance), path);
  } finally {
    closeSync(fd);
  }
}

/** A file by itself. */
function sortByContent(path: string, bytes: Uint8Array, system: SystemFiles): void {
  const file = { origin: path, path: path.split("/").at(-1)!, allowance: system.allowance, bytes: () => bytes };
  if (isBtf(bytes)) {
    system.collected.btf ??= [];
    system.collected.btf.push({ name: "vmlinux", bytes });
  } else if (isFormat(bytes)) addFormat(path, bytes, system.collected);
  else if (isTar(bytes)) putAll(bytes, collectorOf(path, system));
  else if (isModule(bytes)) system.modules.push(file);
  else system.kernels.push(file);
}

function noFiles(collected: ContextFiles, wants: ModuleChoice): SystemFiles {
  return {
    collected,
    latest: new Map(),
    passedOver: [],
    kernels: [],
    modules: [],
    moreModules: false,
    allowance: new Allowance(),
    wants,
  };
}

function isModule(bytes: Uint8Array): boolean {
  return isElfOf(ELF_TYPE.relocatable, bytes);
}

/** What options of their own name, over what is known already. Throws InputError for what cannot be read. */
export function loadContextFiles(sources: ContextSources, base: ContextFiles = { formats: [] }): ContextFiles {
  const files: ContextFiles = { ...base };
  const allowance = new Allowance();
  if (sources.events !== undefined) {
    const only: ContextFiles = { formats: [] };
    collect(sources.events, only, allowance);
    if (only.formats.length === 0) throw new InputError(`${sources.events}: no event formats in it`);
    refuseEmpty(sources.events, only.formats);
    files.formats = only.formats;
    if (only.dynamicEvents !== undefined) files.dynamicEvents = only.dynamicEvents;
    if (only.headerPage !== undefined) files.headerPage = only.headerPage;
    if (only.headerEvent !== undefined) files.headerEvent = only.headerEvent;
  }
  if (sources.kallsyms !== undefined) {
    const bytes = readMaybeGzip(sources.kallsyms, allowance, MAX_KALLSYMS);
    if (bytes.length === 0) throw new InputError(`${sources.kallsyms}: it is empty`);
    files.kallsyms = SymbolFile.of(refuseForeign("kallsyms", sources.kallsyms, bytes));
    delete files.regionEnds;
  }
  if (sources.printkFormats !== undefined) {
    const bytes = readMaybeGzip(sources.printkFormats, allowance, MAX_COLLECTED);
    files.printkFormats = refuseForeign("printkFormats", sources.printkFormats, bytes);
  }
  if (sources.cmdlines !== undefined) {
    const bytes = readMaybeGzip(sources.cmdlines, allowance, MAX_COLLECTED);
    files.cmdlines = refuseForeign("cmdlines", sources.cmdlines, bytes);
  }
  if (sources.btf !== undefined) files.btf = loadBtf(sources.btf, allowance);
  if (sources.release !== undefined) Object.assign(files, { release: sources.release, releaseStated: true });
  return files;
}

function loadBtf(path: string, allowance: Allowance): BtfFile[] {
  if (!isDirectory(path)) {
    const bytes = readMaybeGzip(path, allowance);
    if (!isBtf(bytes)) throw new InputError(`${path}: not a kernel's types (BTF)`);
    return [{ name: "vmlinux", bytes }];
  }
  const found = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, MAX_ARCHIVE_FILES)
    .map(({ name }) => ({ name: plainName(name), bytes: readMaybeGzip(join(path, name), allowance) }))
    .filter(({ bytes }) => isBtf(bytes));
  if (found.length === 0) throw new InputError(`${path}: no types (BTF) in it`);
  return found;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

/** A file's bytes, unpacked when it is gzip. */
export function readMaybeGzip(path: string, allowance = new Allowance(), most?: number): Uint8Array {
  try {
    return maybeGunzip(readWhole(path, allowance, most), allowance, most);
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

function collect(path: string, files: ContextFiles, allowance: Allowance): void {
  const system = { ...noFiles(files, NO_MODULES), allowance };
  if (isDirectory(path)) {
    gatherDirectory(path, system);
    return;
  }
  const bytes = readMaybeGzip(path, allowance);
  if (isFormat(bytes)) {
    addFormat(path, bytes, files);
    return;
  }
  if (!isTar(bytes)) throw new InputError(`${path}: not a format file, nor a tar archive of them`);
  putAll(bytes, collectorOf(path, system));
  settle(system);
}

/** All of a directory, and of those in it. */
function gatherDirectory(path: string, system: SystemFiles): void {
  const format = readFormat(join(path, "format"));
  // One event's own directory: what a person has who cares for that event alone.
  if (format !== undefined) {
    addFormat(join(path, "format"), format, system.collected);
    return;
  }
  try {
    walk("", 0, collectorOf(path, system));
    settle(system);
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
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
    if (depth === 0) throw error;
    return;
  }
  for (const entry of entries) {
    if (--into.left < 0)
      throw new InputError("too many files in it; name a directory that holds what was collected, and no more");
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    // Of a live tracefs, instances hold copies and per_cpu files block.
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) {
      // SYSTEM/EVENT: all that counts in it is the format, and there are thousands.
      const format = depth > 0 ? readFormat(`${root}/${path}/format`) : undefined;
      if (format !== undefined) put("format", `${path}/format`, () => format, into);
      else walk(path, depth + 1, into);
    } else if (entry.isFile()) {
      const kind = kindOf(path);
      if (kind !== undefined) put(kind, path, () => readWhole(join(root, path), into.system.allowance), into);
    }
  }
}

const MAX_FORMAT = 64 * 1024;
/** Format files are read one behind the other into the same memory: there are thousands, most of less than a KiB. */
const BLOCK = 4 * MAX_FORMAT;
let block = new Uint8Array(0);
/** Where the free rest of it begins. */
let free = 0;

/** A format file's bytes; undefined where it cannot be opened, or is not small. */
function readFormat(path: string): Uint8Array | undefined {
  let fd: number;
  try {
    // A FIFO of this name must not make anybody wait.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (block.length - free < MAX_FORMAT) {
    block = new Uint8Array(BLOCK);
    free = 0;
  }
  try {
    const start = free;
    let end = start;
    // Files of a tracefs come in pieces. To ask once more whether that was all takes a third of the time.
    for (;;) {
      const got = readSync(fd, block, end, start + MAX_FORMAT - end, null);
      end += got;
      if (end - start === MAX_FORMAT) return undefined;
      if (got !== 0 && !endsAsFormat(block, start, end)) continue;
      free = end;
      return block.subarray(start, end);
    }
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

const SKIPPED = new Set(["instances", "per_cpu", "options"]);
