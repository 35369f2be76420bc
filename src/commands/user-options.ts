import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import type { Image } from "../image/image.js";
import { kernelBehaviour } from "../kernel/versions.js";
import { guessMemory } from "../user/memory-kind.js";
import { type State, stateAfterBoot, stateAsIs } from "../user/state.js";
import { type MapRequest, type MapType, MEMORY_KINDS, type MemoryKind, PROT } from "../user/who-may-map.js";
import { usualKernel } from "../user/writer-kernel.js";
import { parseKernel } from "./boot-options.js";
import { parseAddress, parseCpuList } from "./command.js";

/** Options that say whose view is simulated: shared by mmap-layout and diff. */
export interface UserOptions {
  readonly cpu?: ReadonlySet<number>;
  readonly kernel?: string;
  readonly asIs?: true;
  readonly online?: ReadonlySet<number>;
  readonly phys?: bigint;
}

export function addUserOptions(command: Command): Command {
  return command
    .addOption(new Option("--cpu <list>", "only these CPUs, like 0,2-3").argParser(parseCpuList))
    .addOption(
      new Option(
        "-k, --kernel <version>",
        "the kernel that boots and serves the mapping, like 6.18.15 or 7.3 (default: the newest that can have written it)",
      ).argParser(parseKernel),
    )
    .addOption(new Option("--as-is", "the area as it lies, without the boot and its recovery"))
    .addOption(
      new Option("--online <list>", "CPUs that come up, like 0,2-3 (default: all that the writer used)").argParser(
        parseCpuList,
      ),
    );
}

/** Which kernel, and why that one. */
export interface ChosenKernel {
  readonly release: string;
  readonly assumed: boolean;
  readonly why: string;
}

/** The state that the options ask for. */
export function stateOf(image: Image, options: UserOptions): { state: State; chosen: ChosenKernel } {
  const usual = usualKernel(image);
  const kernel = options.kernel === undefined ? usual.kernel : kernelBehaviour(options.kernel);
  const chosen = {
    release: kernel.release,
    assumed: options.kernel === undefined,
    why: options.kernel === undefined ? usual.why : "as asked for",
  };
  if (options.asIs) {
    if (options.online) throw new UsageError("--online describes a boot: it does not go with --as-is");
    return { state: stateAsIs(image, kernel), chosen };
  }
  const online = options.online ? { onlineCpus: [...options.online].sort((a, b) => a - b) } : {};
  return { state: stateAfterBoot(image, kernel, online), chosen };
}

/** The CPUs asked for, of those that the state has. */
export function chosenStates(state: State, list: ReadonlySet<number> | undefined): State["cpus"] {
  for (const cpu of list ?? [])
    if (cpu >= state.cpus.length)
      throw new UsageError(`--cpu: there are CPUs 0 to ${state.cpus.length - 1}, not ${cpu}`);
  return list ? state.cpus.filter(({ cpu }) => list.has(cpu)) : state.cpus;
}

/** The kind of memory: as asked for, else as the addresses suggest. */
export function memoryOf(image: Image, asked: MemoryKind | undefined, phys: bigint | undefined) {
  const guess = guessMemory(image, phys);
  return { guess, kind: asked ?? guess.kind, assumed: asked === undefined, why: asked ? "as asked for" : guess.why };
}

/** Options of mmap() itself. */
export interface RequestOptions {
  readonly memory?: MemoryKind;
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
