import { UsageError } from "../ground/errors.js";
import type { Image } from "../image/image.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { usualKernel } from "../kernel/usual-kernel.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import type { MemoryKind, MemorySigns } from "../machine/memory-kind.js";
import { guessMemory } from "../machine/memory-kind.js";
import { type State, stateAfterBoot, stateAsIs } from "../user/state.js";

/** Whose view is simulated, and of what. */
export interface ViewChoice {
  /** Only these CPUs. */
  readonly cpu?: ReadonlySet<number>;
  /** The release that boots and serves the mapping; left out, the newest that can have written the image. */
  readonly kernel?: string;
  /** The area as it lies, without a boot. */
  readonly asIs?: boolean;
  /** What else is known of that boot. */
  readonly boot?: BootWishes;
}

/** Which kernel, and why that one. */
export interface ChosenKernel {
  readonly release: string;
  readonly assumed: boolean;
  readonly why: string;
}

/** The state that the options ask for. */
export function stateOf(image: Image, options: ViewChoice): { state: State; chosen: ChosenKernel } {
  const usual = usualKernel(image);
  const kernel = options.kernel === undefined ? usual.kernel : kernelBehaviour(options.kernel);
  const chosen = {
    release: kernel.release,
    assumed: options.kernel === undefined,
    why: options.kernel === undefined ? usual.why : "as asked for",
  };
  if (options.asIs) {
    if (Object.keys(options.boot ?? {}).length > 0)
      throw new UsageError("the area as it lies has not been through a boot: no condition of one applies", "as-is");
    return { state: stateAsIs(image, kernel), chosen };
  }
  return { state: stateAfterBoot(image, kernel, options.boot), chosen };
}

/** The CPUs asked for, of those that the state has. */
export function chosenStates(state: State, list: ReadonlySet<number> | undefined): State["cpus"] {
  for (const cpu of list ?? [])
    if (cpu >= state.cpus.length)
      throw new UsageError(`there are CPUs 0 to ${state.cpus.length - 1}, not ${cpu}`, "cpu");
  return list ? state.cpus.filter(({ cpu }) => list.has(cpu)) : state.cpus;
}

/** The kind of memory: as asked for, else as the addresses suggest. */
export function memoryOf(image: Image, asked: MemoryKind | undefined, signs: MemorySigns) {
  const guess = guessMemory(image, signs);
  return { guess, kind: asked ?? guess.kind, assumed: asked === undefined, why: asked ? "as asked for" : guess.why };
}
