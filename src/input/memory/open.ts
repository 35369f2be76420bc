import { openSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "../../ground/errors.js";
import { MAX_FILES_BESIDE } from "../../ground/limits.js";
import { inputArgument } from "../argument.js";
import { FileSource } from "../file-source.js";
import { openBinary } from "../open.js";
import type { Source } from "../source.js";
import { AvmlMemory } from "./avml.js";
import { elfCoreMemory, isElfCore } from "./elf-core.js";
import { FlattenedSource, isFlattened } from "./flattened.js";
import { KdumpMemory } from "./kdump.js";
import { isKdump, readKdumpHeader } from "./kdump-header.js";
import { libvirtSaveOf } from "./libvirt-save.js";
import { limeMemory, rangeHeaderAt } from "./lime.js";
import { beginsLikeDump } from "./magics.js";
import type { PhysicalMemory } from "./physical.js";
import { QemuMemory } from "./qemu.js";
import { isQemuStream } from "./qemu-stream.js";

/** What an argument names. */
export interface Input {
  readonly source: Source;
  /** Where the input is a dump in a format of its own. */
  readonly memory: PhysicalMemory | undefined;
  /** A place in the memory that the argument names: `vmcore@0x17ff46000`. */
  readonly address: number | undefined;
}

/**
 * Opens a path, `-`, or either with an address behind it; a file whose name ends so is itself.
 * @param opened the path's source, where it is open already
 */
export async function openInput(argument: string, opened?: Source): Promise<Input> {
  const { path, address } = inputArgument(argument);
  const source = opened ?? (await openBinary(path, (start) => beginsLikeDump(start.probe(0, 16))));
  const memory = await openMemory(source, path === "-" ? undefined : path);
  return { source, memory, address };
}

/**
 * A machine's memory, where the input is a dump in a format of its own; undefined where it may be anything, raw memory
 * too. The other files of a split dump are taken from beside the one that is named.
 * @param path where the input came from; undefined for a pipe
 * Throws InputError where the dump's own numbers make no sense.
 */
export async function openMemory(source: Source, path?: string): Promise<PhysicalMemory | undefined> {
  const start = source.probe(0, 64);
  if (isFlattened(start)) {
    const memory = await openMemory(FlattenedSource.open(source));
    if (memory === undefined) throw new InputError(`${source.name}: a flattened file without a dump in it`);
    return memory;
  }
  if (isKdump(start)) return KdumpMemory.open([source, ...(path === undefined ? [] : otherParts(source, path))]);
  if (isElfCore(start)) return elfCoreMemory(source);
  if (isQemuStream(start)) return new QemuMemory(source, 0, []);
  const saved = libvirtSaveOf(source);
  if (saved !== undefined) return new QemuMemory(source, saved.streamAt, saved.notes);
  const packing = rangeHeaderAt(source, 0)?.packing;
  if (packing === "lime") return limeMemory(source);
  return packing === "avml" ? new AvmlMemory(source) : undefined;
}

/** The files beside `path` that are the other parts of a dump that `makedumpfile --split` wrote. */
function otherParts(source: Source, path: string): Source[] {
  const { part, identity } = readKdumpHeader(source);
  if (part === undefined) return [];
  const parts: Source[] = [];
  const folder = dirname(path);
  for (const name of readdirSync(folder).slice(0, MAX_FILES_BESIDE)) {
    const file = join(folder, name);
    if (name === basename(path) || !statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const other = partOf(file, identity);
    if (other !== undefined) parts.push(other);
  }
  return parts;
}

/** The file opened, where it is a part of that dump; a file that cannot be read is none. */
function partOf(file: string, identity: string): Source | undefined {
  let source: Source | undefined;
  try {
    source = new FileSource(openSync(file, "r"), file);
    if (isKdump(source.probe(0, 8))) {
      const header = readKdumpHeader(source);
      if (header.part !== undefined && header.identity === identity) return source;
    }
  } catch {
    // Whatever it is, it is not another part of the dump.
  }
  source?.close();
  return undefined;
}
