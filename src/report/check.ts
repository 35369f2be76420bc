import { kernelsFor, outcomeOf, survey } from "../compare/outcome.js";
import type { Image } from "../image/image.js";
import type { BootWishes } from "../kernel/boot-plan.js";
import { kernelBehaviour } from "../kernel/versions/kernel.js";
import { rowsLabel } from "../kernel/versions/ranges.js";
import type { WritingKernel } from "../system/writing-kernel.js";
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
/** @param writer what is known of the writing kernel: with its formats, its events are looked at too */
export function check(image: Image, wishes: BootWishes, choice: CheckChoice, writer?: WritingKernel) {
  const surveyed = survey(image, wishes);
  const wanted =
    choice.kernels.length > 0
      ? choice.kernels.map((release) => ({ label: release, kernel: kernelBehaviour(release), rows: undefined }))
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
    fatalRecords: fatalRecords(image, writer),
    /** Kernels whose boots end alike, as one: places in `kernels`. */
    alike: alike(kernels).map((places) => ({
      kernel: releasesText(places.map((place) => wanted[place]!)),
      kernels: places,
    })),
    kernels,
  };
}

/** Where kernels stand that keep, lose and say the same; in the order of the first of each. */
function alike(kernels: readonly ReturnType<typeof kernelReport>[]): number[][] {
  const groups = new Map<string, number[]>();
  kernels.forEach(({ kernel, behaviour, beyondKnown, messages, ...outcome }, place) => {
    const key = JSON.stringify(outcome);
    groups.set(key, [...(groups.get(key) ?? []), place]);
  });
  return [...groups.values()];
}

/** Named kernels one by one, ranges of releases as far as they reach. */
function releasesText(
  kernels: readonly { readonly label: string; readonly rows: readonly number[] | undefined }[],
): string {
  const rows = kernels.map((kernel) => kernel.rows);
  if (!rows.every((each) => each !== undefined)) return kernels.map(({ label }) => label).join(", ");
  return rowsLabel(rows.flat());
}
