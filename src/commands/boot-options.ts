import { UsageError } from "../ground/errors.js";
import { sinceText } from "../ground/release.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import { layoutWrittenBy, WRITER_LAYOUTS } from "../ring/layouts.js";
import type { OptionGroup } from "../spec/spec.js";
import { parseAddress, parseCpuCount, parseCpuList, parserOf } from "./command.js";

/** The first kernel with CONFIG_RING_BUFFER_PERSISTENT_INJECT. */
const INJECT_SINCE = sinceText(WRITER_LAYOUTS.find(({ inject }) => inject)!.since);

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

/** The conditions of the other boot. Left out, each is as in the boot that wrote the image. */
export const BOOT_OPTIONS: OptionGroup = {
  title: "That boot",
  options: [
    {
      flags: "--virt <addr>",
      about: "the area's virtual start in that boot",
      parse: parserOf("virt", parseAddress),
      defaultText: "unchanged",
    },
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
    {
      flags: "--boot-cpus <count>",
      about: "that boot's nr_cpu_ids",
      parse: parseCpuCount("--boot-cpus"),
      defaultText: "the writer's",
      was: [{ flags: "--cpus <count>", parse: parseCpuCount("--cpus") }],
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
  ],
};

/** The conditions as the core takes them, for a boot of `kernels`: those that are named. */
export function bootWishes(options: BootCommandOptions, kernels: readonly string[]): BootWishes {
  const pageSize = options.pageSize;
  if (pageSize !== undefined && (pageSize < 4096 || pageSize > 262144 || (pageSize & (pageSize - 1)) !== 0))
    throw new UsageError(`--page-size ${pageSize}: page sizes are powers of two from 4096 to 262144`);
  const without = options.inject && kernels.find((release) => !mayInject(release));
  if (without)
    throw new UsageError(
      `--inject: kernel ${without} has no CONFIG_RING_BUFFER_PERSISTENT_INJECT; the first with it is ${INJECT_SINCE}`,
    );
  return {
    ...(options.virt === undefined ? {} : { virt: options.virt }),
    ...(options.phys === undefined ? {} : { phys: options.phys }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.bootCpus === undefined ? {} : { nrCpus: options.bootCpus }),
    ...(options.online === undefined ? {} : { onlineCpus: [...options.online].sort((a, b) => a - b) }),
    ...(options.size === undefined ? {} : { size: options.size }),
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(options.inject === undefined ? {} : { inject: options.inject }),
    ...(options.textAddr === undefined ? {} : { textAddr: options.textAddr }),
    ...(options.dataAddr === undefined ? {} : { dataAddr: options.dataAddr }),
  };
}

/** Checks a version while the command line is read, so that a slip shows before the image is. */
export function parseKernel(text: string): string {
  kernelBehaviour(text);
  return text;
}

function mayInject(release: string): boolean {
  return layoutWrittenBy(kernelBehaviour(release).version, true).inject;
}

/** Bytes, with the kernel's own suffixes (memparse()). */
function parseSize(text: string): number {
  const match = /^(0x[0-9a-f]{1,12}|\d{1,15})([KMG]?)$/i.exec(text);
  if (!match) throw new UsageError(`${text}: not a size; write it like 524288, 0x80000, 512K or 12M`);
  const unit = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2]!.toUpperCase()]!;
  return Number(match[1]) * unit;
}
