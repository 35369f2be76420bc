import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { InputError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";
import { tarEntries } from "../input/tar.js";
import type { ContextFiles } from "./context.js";
import type { BtfFile } from "./kernel-types.js";

/** What one context file may expand to: kallsyms of the largest kernels stay below 64 MB. */
const MAX_CONTEXT_BYTES = 512 * 1024 * 1024;
/** Entries of a directory or archive that are looked at. */
const MAX_CONTEXT_FILES = 100_000;
const MAX_DEPTH = 8;

/** Where to find what; every part is optional and overrides what --system holds. */
export interface ContextSources {
  /** A directory or tar archive (gzip or not) with any of the files. */
  readonly system?: string;
  /** The same, of which only the formats are used. */
  readonly events?: string;
  readonly kallsyms?: string;
  readonly printkFormats?: string;
  readonly cmdlines?: string;
  /** The kernel's BTF, or a directory as /sys/kernel/btf. */
  readonly btf?: string;
  readonly release?: string;
}

/** Reads the files. Throws InputError for what cannot be read. */
export function loadContextFiles(sources: ContextSources): ContextFiles {
  const files: ContextFiles = { formats: [] };
  if (sources.system !== undefined) collect(sources.system, files);
  if (sources.events !== undefined) {
    const only: ContextFiles = { formats: [] };
    collect(sources.events, only);
    if (only.formats.length === 0) throw new InputError(`${sources.events}: no event formats in it`);
    files.formats = only.formats;
    if (only.dynamicEvents !== undefined) files.dynamicEvents = only.dynamicEvents;
    if (only.headerPage !== undefined) files.headerPage = only.headerPage;
    if (only.headerEvent !== undefined) files.headerEvent = only.headerEvent;
  }
  if (sources.kallsyms !== undefined) files.kallsyms = readMaybeGzip(sources.kallsyms);
  if (sources.printkFormats !== undefined) files.printkFormats = readMaybeGzip(sources.printkFormats);
  if (sources.cmdlines !== undefined) files.cmdlines = readMaybeGzip(sources.cmdlines);
  if (sources.btf !== undefined) files.btf = loadBtf(sources.btf);
  if (sources.release !== undefined) files.release = sources.release;
  return files;
}

function loadBtf(path: string): BtfFile[] {
  if (!isDirectory(path)) return [{ name: "vmlinux", bytes: readMaybeGzip(path) }];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, MAX_CONTEXT_FILES)
    .map(({ name }) => ({ name: plainName(name), bytes: readMaybeGzip(join(path, name)) }));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new InputError(`${path}: ${reason(error)}`);
  }
}

function plainName(name: string): string {
  return name.replace(/\.gz$/, "");
}

/** A file's bytes, unpacked when it is gzip. */
export function readMaybeGzip(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: ${reason(error)}`);
  }
  return gunzip(bytes, path);
}

function gunzip(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CONTEXT_BYTES });
  } catch (error) {
    throw new InputError(`${path}: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function collect(path: string, files: ContextFiles): void {
  if (isDirectory(path)) {
    walk(path, "", 0, { left: MAX_CONTEXT_FILES }, files);
    return;
  }
  let left = MAX_CONTEXT_FILES;
  for (const entry of tarEntries(readMaybeGzip(path))) {
    if (--left < 0) throw new InputError(`${path}: too many files in it`);
    sort(entry.path, () => entry.bytes, files);
  }
}

function walk(root: string, relative: string, depth: number, budget: { left: number }, files: ContextFiles): void {
  if (depth > MAX_DEPTH) return;
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, relative), { withFileTypes: true });
  } catch (error) {
    // A directory of a live tracefs that may not be read is passed over; the top one is the user's mistake.
    if (depth === 0) throw new InputError(`${root}: ${reason(error)}`);
    return;
  }
  for (const entry of entries) {
    if (--budget.left < 0) throw new InputError(`${root}: too many files in it`);
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    // Of a live tracefs, instances hold copies and per_cpu files block.
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) {
      // SYSTEM/EVENT: all that counts in it is the format, and there are thousands.
      const format = depth > 0 ? readIfThere(`${root}/${path}/format`) : undefined;
      if (format !== undefined) sort(`${path}/format`, () => format, files);
      else walk(root, path, depth + 1, budget, files);
    } else if (entry.isFile()) sort(path, () => readFileSync(join(root, path)), files);
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

/** Puts a file where it belongs, by its name; others are not even read. */
function sort(path: string, read: () => Uint8Array, files: ContextFiles): void {
  const parts = path.split("/").filter((p) => p !== "" && p !== ".");
  const name = parts[parts.length - 1] ?? "";
  const plain = plainName(name);
  const get = () => {
    try {
      return gunzip(read(), path);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`${path}: ${reason(error)}`);
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
      for (const entry of tarEntries(get())) sort(entry.path, () => entry.bytes, files);
      return;
    default: {
      const hz = /^(?:config.*|.*\.config)$/.test(plain) ? /^CONFIG_HZ=(\d+)$/m.exec(latin1(get())) : null;
      if (hz !== null) files.hz = Number(hz[1]);
    }
  }
}
