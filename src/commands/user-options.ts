import { UsageError } from "../ground/errors.js";
import { MEMORY_KINDS } from "../machine/memory-kind.js";
import type { OptionGroup, OptionSpec } from "../spec/spec.js";
import { type MapRequest, type MapType, PROT } from "../user/who-may-map.js";
import { type BootCommandOptions, bootConditions } from "./boot-options.js";
import { bootWishes, parseKernel } from "./boot-wishes.js";
import { CPU_OPTION, parseAddress, parserOf, parseSize } from "./command.js";

const VIEW: OptionGroup = {
  title: "Whose view",
  options: [
    CPU_OPTION,
    {
      flags: "-k, --kernel <version>",
      about: "the kernel that boots and serves the mapping, like 6.18.15 or 7.3",
      parse: parseKernel,
      defaultText: "the one that a dump names, else the newest that could have written it",
    },
    { flags: "--as-is", about: "the area as it lies, without the boot and its recovery" },
  ],
};

/** Options that say whose view is simulated, after which boot: shared by mmap-layout and diff. */
export const USER_OPTIONS: readonly OptionGroup[] = [VIEW, bootConditions("That boot")];

/** What the core takes for them. */
export function viewChoice<T extends BootCommandOptions & { readonly kernel?: string }>(options: T) {
  return { ...options, boot: bootWishes(options, options.kernel === undefined ? [] : [options.kernel]) };
}

/** Options of mmap() itself. */
export interface RequestOptions {
  readonly prot: number;
  readonly flags: MapType;
  readonly pgoff: number;
  readonly length?: number;
}

export const REQUEST_OPTIONS: OptionGroup = {
  title: "The program's mmap()",
  options: [
    {
      flags: "--memory <kind>",
      about: "where the memory comes from, which decides who may map",
      choices: MEMORY_KINDS,
      defaultText: "as its addresses suggest",
    },
    {
      flags: "--prot <bits>",
      about: "its protection: none, r, rw, rx, ...",
      parse: parseProt,
      default: PROT.read,
      defaultText: "r",
    },
    { flags: "--flags <type>", about: "MAP_SHARED or MAP_PRIVATE", choices: ["shared", "private"], default: "shared" },
    { flags: "--pgoff <pages>", about: "its offset, in pages", parse: parseNumber("--pgoff"), default: 0 },
    {
      flags: "--length <bytes>",
      about: "its length, like 4096 or 64K",
      parse: parserOf("length", parseSize),
      defaultText: "all from the offset on",
    },
  ],
};

export function requestOf({ prot, flags, pgoff, length }: RequestOptions): MapRequest {
  return { prot, type: flags, pgoff, ...(length === undefined ? {} : { length }) };
}

function parseProt(text: string): number {
  if (text === "none") return PROT.none;
  if (!/^[rwx]{1,3}$/.test(text)) throw new UsageError(`--prot ${text}: write none, or some of r, w and x`);
  return (
    (text.includes("r") ? PROT.read : 0) | (text.includes("w") ? PROT.write : 0) | (text.includes("x") ? PROT.exec : 0)
  );
}

/** A count, decimal or 0x. */
export function parseNumber(name: string): (text: string) => number {
  return (text) => {
    if (!/^(0x[0-9a-f]{1,12}|\d{1,15})$/i.test(text))
      throw new UsageError(`${name} ${text}: write a number like 4096 or 0x1000, of at most 15 digits (12 in hex)`);
    return Number(text);
  };
}

export const PHYS_OPTION: OptionSpec = {
  flags: "--phys <addr>",
  about: "where the area begins in physical memory: adds physical addresses and page frames (rb_struct_page)",
  parse: parserOf("phys", parseAddress),
};
