import type { Fit, StrangeRelease } from "../../derive/fit.js";
import { fitText } from "../../derive/fit-report.js";
import { InputError } from "../../ground/errors.js";
import type { TraceContext } from "../../system/context.js";
import type { Evidence, KernelFit } from "../../system/kernel-image/fit.js";

export const strangeReleaseText = ({ release }: StrangeRelease): string =>
  `no kernel ${release} writes this buffer layout`;

/** What speaks against the formats, in a sentence. */
export function misfitText(
  { records, fitting, unknown, short, long, odd, otherLong, strangeRelease }: Fit,
  { formats }: TraceContext,
): string {
  const name = (type: number): string => formats.get(type)?.name ?? `type ${type}`;
  const most = <T>(counts: ReadonlyMap<number, T>, count: (value: T) => number) =>
    [...counts].sort((a, b) => count(b[1]) - count(a[1]))[0];
  const sum = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((all, n) => all + n, 0);
  const reasons: string[] = [];
  if (short.size > 0)
    reasons.push(
      `${sum(short)} are shorter than the fields of their format, most of them ${name(most(short, (n) => n)![0])}`,
    );
  if (long.size > 0)
    reasons.push(`${sum(long)} are longer than their format, most of them ${name(most(long, (n) => n)![0])}`);
  const oddest = most(odd, ({ count }) => count);
  if (oddest !== undefined)
    reasons.push(`the field ${oddest[1].field} of ${name(oddest[0])} holds an impossible value`);
  if (unknown.size > 0) reasons.push(`${sum(unknown)} have an ID that no format has`);
  return [
    ...(otherLong === undefined ? [] : [`they come from a ${otherLong * 8}-bit kernel, and the image does not`]),
    ...(strangeRelease === undefined ? [] : [strangeReleaseText(strangeRelease)]),
    ...(reasons.length === 0
      ? []
      : [`${records - fitting} of ${records} records do not fit them: ${reasons.join("; ")}`]),
  ].join("; ");
}

/** The same as evidence, as a boot image's fit has it. */
export function collectedFit(fit: Fit, context: TraceContext): Pick<KernelFit, "verdict" | "evidence"> {
  if (fit.verdict === "wrong")
    return {
      verdict: "wrong",
      evidence: [{ what: "records", verdict: "contradicts", text: misfitText(fit, context) }],
    };
  const evidence: Evidence[] = [{ what: "records", verdict: "fits", text: fitText(fit) }];
  if (fit.strangeRelease !== undefined)
    evidence.push({ what: "release", verdict: "contradicts", text: strangeReleaseText(fit.strangeRelease) });
  // Another build's formats may be the same: they prove nothing.
  return { verdict: "possible", evidence };
}

/** Throws InputError for formats of another build. */
export function refuseMisfit(fit: Fit, context: TraceContext): void {
  if (fit.verdict === "wrong")
    throw new InputError(
      `the event formats are of another build than the kernel that wrote the image: ${misfitText(fit, context)}. ` +
        "--force uses them anyway",
    );
}
