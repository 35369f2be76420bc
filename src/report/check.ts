import { kernelsFor, outcomeOf, survey } from "../compare/outcome.js";
import type { Image } from "../image/image.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import { conditionsReport, kernelReport } from "./boot.js";
import { countsNanoseconds, cutReport, imageReport } from "./common.js";
import { fatalRecords } from "./fatal-records.js";

/** Which kernels boot. */
export interface CheckChoice {
  /** These releases; none: the versions that the layout allows. */
  readonly kernels: readonly string[];
  /** Without `kernels`: every behaviour known, also those of another layout. */
  readonly all: boolean;
}

export type CheckReport = ReturnType<typeof check>;
export type CheckKernel = CheckReport["kernels"][number];

/** The report of `check`, as its JSON document (schemas/check.json). */
export function check(image: Image, wishes: BootWishes, choice: CheckChoice) {
  const surveyed = survey(image, wishes);
  const wanted =
    choice.kernels.length > 0
      ? choice.kernels.map((release) => ({ label: release, kernel: kernelBehaviour(release) }))
      : kernelsFor(image, choice.all);
  const inNanoseconds = countsNanoseconds(image);
  const kernels = wanted.map(({ label, kernel }) => kernelReport(label, outcomeOf(surveyed, kernel), inNanoseconds));
  return {
    schema: "rbtool/check/2" as const,
    image: imageReport(image),
    /** Those CPUs are not judged. */
    cut: cutReport(image),
    conditions: conditionsReport(surveyed, wishes),
    readableEvents: kernels[0]?.readableEvents ?? 0,
    keepsEverything: kernels.every(({ summary }) => summary === "keeps-everything"),
    /** Records that a kernel does not survive printing. */
    fatalRecords: fatalRecords(image),
    kernels,
  };
}
