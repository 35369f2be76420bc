import { DecodeError } from "../../ground/errors.js";
import type { PhysicalMemory } from "../../input/memory/physical.js";
import { MemoryWindow } from "../../input/memory/window.js";
import { copyOf } from "../../input/source.js";
import { Btf } from "../btf.js";
import type { ContextFiles } from "../context.js";
import { btfOf } from "../kernel-image/btf-section.js";
import { formatFilesOf } from "../kernel-image/context-files.js";
import { KernelImageError } from "../kernel-image/errors.js";
import { findKallsyms } from "../kernel-image/kallsyms-tables.js";
import { KernelMemory } from "../kernel-image/memory.js";
import { printkFormatsText } from "../kernel-image/printk-text.js";
import { ImageSymbols } from "../kernel-image/symbols.js";
import { SymbolFile } from "../symbols/symbol-file.js";
import { LITTLE_64 } from "./address-space.js";
import type { DumpKernel } from "./dump-kernel.js";
import { runningEvents } from "./running-events.js";
import { runningTasks, savedCmdlines } from "./task-names.js";

/** What a kernel in a machine's memory says of itself, in the words of the files that a running one shows. */
export interface RunningKernel {
  readonly files: ContextFiles;
  /** How many names of tasks saved_cmdlines has, and how many more the tasks themselves. */
  readonly names: { readonly saved: number; readonly running: number };
}

/** The tables of kallsyms from the first symbol of theirs that vmcoreinfo names to the last, and what the last has. */
const TABLES = ["names", "num_syms", "token_table", "token_index", "offsets", "relative_base"];
const BEFORE = 4096n;
const BEHIND = 4n * 1024n * 1024n;
/** No kernel is larger. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Reads the kernel itself in a machine's memory; undefined where its symbols are not there. */
export function runningKernel(memory: PhysicalMemory, kernel: DumpKernel): RunningKernel | undefined {
  try {
    return read(memory, kernel);
  } catch (error) {
    // What is damaged, or not what it looks like, is done without.
    if (error instanceof DecodeError || error instanceof KernelImageError) return undefined;
    throw error;
  }
}

function read(memory: PhysicalMemory, { info, space, release }: DumpKernel): RunningKernel | undefined {
  const places = TABLES.map((name) => info.symbol(`kallsyms_${name}`)).filter((place) => place !== undefined);
  if (space === undefined || places.length < 2) return undefined;
  places.sort((a, b) => (a < b ? -1 : 1));
  const piece = (start: bigint, end: bigint): KernelMemory | undefined => {
    const place = space.placeOf(start);
    const size = Number(end - start);
    if (place === undefined || size <= 0 || size > MOST_BYTES) return undefined;
    // The kernel's image is one piece of memory.
    const bytes = copyOf(new MemoryWindow(memory, place, size), 0, size);
    return new KernelMemory(bytes, LITTLE_64, [{ address: start, offset: 0, size }]);
  };
  const around = piece(places[0]! - BEFORE, places.at(-1)! + BEHIND);
  const tables = around && findKallsyms(around.bytes, LITTLE_64);
  const symbols = tables && new ImageSymbols(tables, around);
  if (symbols === undefined) return undefined;
  const addressOf = (name: string): bigint | undefined => symbols.addressOf(name);
  const [start, end] = [addressOf("__start_rodata"), addressOf("_end")];
  const data = start === undefined || end === undefined ? undefined : piece(start, end);
  if (data === undefined) return undefined;
  const own = symbols.within(data);
  const printkFormats = printkFormatsText(data, own);
  const btf = btfOf(data, own);
  const types = btf && new Btf(btf);
  const saved = types ? savedCmdlines({ space, types, addressOf }) : new Map<number, string>();
  const machine = info.text("NUMBER(phys_base)") === undefined ? "aarch64" : "x86_64";
  const events = types ? runningEvents({ space, memory: data, symbols: own, types, machine }) : [];
  const running = types ? runningTasks({ space, types, addressOf }) : new Map<number, string>();
  const names = new Map([...running, ...saved]);
  const lines = [...names].map(([pid, name]) => `${pid} ${name}\n`).join("");
  return {
    names: { saved: saved.size, running: names.size - saved.size },
    files: {
      formats: formatFilesOf(events),
      release,
      kallsyms: SymbolFile.made(() => symbols.text(), symbols.count),
      ...(printkFormats === "" ? {} : { printkFormats: Buffer.from(printkFormats, "latin1") }),
      ...(btf === undefined ? {} : { btf: [{ name: "vmlinux", bytes: btf }] }),
      ...(names.size === 0 ? {} : { cmdlines: Buffer.from(lines, "latin1") }),
    },
  };
}
