import { UsageError } from "../ground/errors.js";
import { sinceText } from "../ground/release.js";
import { WRITER_LAYOUTS } from "../ring/layouts.js";
import { dashed, flagsOf, type OptionGroup, type OptionSpec } from "../spec/spec.js";
import { parseAddress, parseCpuCount, parseCpuList, parserOf, parseSize } from "./command.js";

/** The first kernel with CONFIG_RING_BUFFER_PERSISTENT_INJECT. */
export const INJECT_SINCE = sinceText(WRITER_LAYOUTS.find(({ inject }) => inject)!.since);

/** Options that describe the boot that is simulated. */
export interface BootCommandOptions {
  readonly virt?: bigint;
  readonly phys?: bigint;
  readonly name?: string;
  readonly bootCpus?: number;
  readonly online?: ReadonlySet<number>;
  readonly size?: number;
  readonly pageSize?: number;
  readonly inject?: boolean;
  readonly textAddr?: bigint;
  readonly dataAddr?: bigint;
}

const MEMBERS: ReadonlySet<keyof BootCommandOptions> = new Set([
  "virt",
  "bootCpus",
  "online",
  "size",
  "pageSize",
  "inject",
  "textAddr",
  "dataAddr",
] as const);

/** What a boot is simulated by. Left out, each is as in the boot that wrote the image. */
const BOOT_CONDITIONS: readonly OptionSpec[] = [
  {
    flags: "--virt <addr>",
    about: "the area's virtual start in that boot",
    parse: parserOf("virt", parseAddress),
    defaultText: "unchanged",
  },
  {
    flags: "--boot-cpus <count>",
    about: "that boot's nr_cpu_ids",
    parse: parseCpuCount("--boot-cpus"),
    defaultText: "the writer's",
  },
  {
    flags: "--online <list>",
    about: "the CPUs that come up, like 0,2-3; the lowest boots the machine",
    parse: parseCpuList("--online"),
    defaultText: "all that the writer used",
  },
  {
    flags: "--size <bytes>",
    about: "size of the area in that boot, like 524288 or 12M",
    parse: parserOf("size", parseSize),
    defaultText: "unchanged",
  },
  {
    flags: "--page-size <bytes>",
    about: "that kernel's PAGE_SIZE, like 4096 or 64K",
    parse: parserOf("page-size", parseSize),
    defaultText: "the writer's",
  },
  {
    flags: "--inject",
    about: `that kernel, ${INJECT_SINCE} or later, has CONFIG_RING_BUFFER_PERSISTENT_INJECT`,
    defaultText: "as in the image",
  },
  { flags: "--no-inject", about: "that kernel does not have it" },
  {
    flags: "--text-addr <addr>",
    about: "6.12 to 6.14: address of rb_meta_init_text_addr in that boot, for CPUs that it resets",
    parse: parserOf("text-addr", parseAddress),
  },
  {
    flags: "--data-addr <addr>",
    about: "6.12 to 6.14: address of rb_data_ptr in that boot, for CPUs that it resets",
    parse: parserOf("data-addr", parseAddress),
  },
];

/** What else its messages name. */
const BOOT_MESSAGES: readonly OptionSpec[] = [
  {
    flags: "--phys <addr>",
    about: "the area's physical start: adds the kernel message that names it",
    parse: parserOf("phys", parseAddress),
  },
  {
    flags: "--name <instance>",
    about: "the instance's name in that message",
    default: "boot_map",
    completes: "nothing",
  },
];

/** Old spellings, by the option that they are now. */
export type OldSpellings = Readonly<Record<string, OptionSpec["was"]>>;

/** The same options wherever a boot is simulated. */
export const bootConditions = (title: string, was: OldSpellings = {}): OptionGroup => ({
  title,
  options: BOOT_CONDITIONS.map((option) => {
    const old = was[flagsOf(option).long];
    return old === undefined ? option : { ...option, was: old };
  }),
});

/** Of a command that shows what the boot says. */
export const BOOT_OPTIONS: OptionGroup = {
  title: "That boot",
  options: [
    ...bootConditions("", { "--boot-cpus": [{ flags: "--cpus <count>", parse: parseCpuCount("--cpus") }] }).options,
    ...BOOT_MESSAGES,
  ],
};

/** Throws UsageError where conditions of a boot are given and none is simulated. @param why what they lack */
export function refuseBootOptions(options: BootCommandOptions, why: string): void {
  const given = (Object.keys(options) as (keyof BootCommandOptions)[]).find(
    (member) => MEMBERS.has(member) && options[member] !== undefined,
  );
  if (given === undefined) return;
  const option = given === "inject" && !options.inject ? "--no-inject" : `--${dashed(given)}`;
  throw new UsageError(`${option} ${why}`);
}
