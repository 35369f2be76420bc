import { UsageError } from "../ground/errors.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import { layoutWrittenBy } from "../ring/layouts.js";
import { type BootCommandOptions, INJECT_SINCE } from "./boot-options.js";

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
