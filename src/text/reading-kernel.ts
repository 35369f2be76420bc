import type { BootWishes } from "../kernel/boot-plan.js";

/** The kernel that reads the image after the reboot, to look as it does. */
export interface ReadingKernel {
  readonly release: string;
  /** Address of _text in that boot, where it is not the writer's. */
  readonly text?: bigint | undefined;
  readonly onlineCpus?: number | undefined;
  /** Conditions of that boot. */
  readonly boot?: BootWishes | undefined;
}
