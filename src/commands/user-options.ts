import { type Command, Option } from "commander";
import { UsageError } from "../ground/errors.js";
import { MEMORY_KINDS } from "../machine/memory-kind.js";
import { type MapRequest, type MapType, PROT } from "../user/who-may-map.js";
import { parseKernel } from "./boot-options.js";
import { parseAddress, parseCpuList } from "./command.js";

/** Options that say whose view is simulated: shared by mmap-layout and diff. */
export function addUserOptions(command: Command): Command {
  return command
    .addOption(new Option("--cpu <list>", "only these CPUs, like 0,2-3").argParser(parseCpuList("--cpu")))
    .addOption(
      new Option(
        "-k, --kernel <version>",
        "the kernel that boots and serves the mapping, like 6.18.15 or 7.3 (default: the newest that can have written it)",
      ).argParser(parseKernel),
    )
    .addOption(new Option("--as-is", "the area as it lies, without the boot and its recovery"))
    .addOption(
      new Option("--online <list>", "CPUs that come up, like 0,2-3 (default: all that the writer used)").argParser(
        parseCpuList("--online"),
      ),
    );
}

/** Options of mmap() itself. */
export interface RequestOptions {
  readonly prot: number;
  readonly flags: MapType;
  readonly pgoff: number;
  readonly length?: number;
}

export function addRequestOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--memory <kind>",
        "where the memory comes from, which decides who may map (default: as its addresses suggest)",
      ).choices(MEMORY_KINDS),
    )
    .addOption(
      new Option("--prot <bits>", "mmap()'s protection: none, r, rw, rx, ... ")
        .argParser(parseProt)
        .default(PROT.read, "r"),
    )
    .addOption(
      new Option("--flags <type>", "MAP_SHARED or MAP_PRIVATE").choices(["shared", "private"]).default("shared"),
    )
    .addOption(new Option("--pgoff <pages>", "mmap()'s offset, in pages").argParser(parseNumber("--pgoff")).default(0))
    .addOption(
      new Option("--length <bytes>", "mmap()'s length (default: all from the offset on)").argParser(
        parseNumber("--length"),
      ),
    );
}

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
    if (!/^(0x[0-9a-f]{1,12}|\d{1,15})$/i.test(text)) throw new UsageError(`${name} ${text}: not a number`);
    return Number(text);
  };
}

export function physOption(): Option {
  return new Option(
    "--phys <addr>",
    "where the area begins in physical memory: adds physical addresses and page frames (rb_struct_page)",
  ).argParser(parseAddress);
}
