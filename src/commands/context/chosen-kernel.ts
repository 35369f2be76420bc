import { InputError, UsageError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { MAX_COLLECTED } from "../../ground/limits.js";
import { reasonOf } from "../../ground/reason.js";
import { Allowance } from "../../input/budget.js";
import { readWhole } from "../../input/read-file.js";
import type { SystemFiles } from "../../system/collector.js";
import { type ChosenKernel, chooseKernel, WrongKernelError } from "../../system/kernel-image/chosen-kernel.js";
import type { WritingBoot } from "../../system/kernel-image/fit.js";
import { type ModuleList, parseModuleOrder } from "../../system/kernel-image/loaded-modules.js";

/** The options that choose among kernels. */
export interface KernelOptions {
  readonly writerRelease?: string;
  readonly moduleOrder?: string;
  readonly force?: true;
  /** Addresses as the writing boot showed them. */
  readonly asShown?: boolean;
}

/** The kernel that wrote the image, by the options. Throws InputError where it is another. */
export async function chosenKernel(
  system: SystemFiles,
  options: KernelOptions,
  boot?: WritingBoot,
): Promise<ChosenKernel> {
  const { writerRelease: release, moduleOrder: path, force, asShown } = options;
  const moduleOrder = path === undefined ? undefined : orderIn(path);
  if (moduleOrder !== undefined && system.kernels.length === 0)
    throw new UsageError(
      "it tells the numbers of a package's modules: name the kernel's package with --system",
      "module-order",
    );
  try {
    return await chooseKernel(system, boot, { release, moduleOrder, force, asShown });
  } catch (error) {
    if (error instanceof WrongKernelError)
      throw new InputError(`${error.message} (--force uses it anyway)`, { cause: error });
    throw error;
  }
}

function orderIn(path: string): ModuleList {
  try {
    return parseModuleOrder(latin1(readWhole(path, new Allowance(), MAX_COLLECTED)));
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}
