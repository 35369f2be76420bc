import type { EventFormat } from "../system/formats/parse-format.js";
import type { Fit } from "./fit.js";

/** How event formats fit an image, as JSON documents tell it (schemas/defs.json). */
export function fitReport(fit: Fit, formats: ReadonlyMap<number, EventFormat>) {
  const eventOf = (type: number): { type: number; event: string | null } => {
    const format = formats.get(type);
    return { type, event: format === undefined ? null : `${format.system}:${format.name}` };
  };
  const byCount = (counts: ReadonlyMap<number, number>) =>
    [...counts].sort((a, b) => b[1] - a[1]).map(([type, records]) => ({ ...eventOf(type), records }));
  return {
    verdict: fit.verdict,
    records: fit.records,
    fitting: fit.fitting,
    /** Types that no format has. */
    unknown: byCount(fit.unknown),
    /** Records shorter than the fields of their format, and longer than they can be. */
    short: byCount(fit.short),
    long: byCount(fit.long),
    /** Records that hold in a field what it cannot hold. */
    odd: [...fit.odd]
      .sort((a, b) => b[1].count - a[1].count)
      .map(([type, { count, field }]) => ({ ...eventOf(type), records: count, field })),
    /** Bytes of a long in the formats, where it is another than in the image. */
    other_long: fit.otherLong ?? null,
    /** The release of the writing kernel as stated, where no kernel of it writes the image's layout. */
    strange_release: fit.strangeRelease?.release ?? null,
  };
}

/** The same in a sentence. */
export function fitText({ records, fitting }: Pick<Fit, "records" | "fitting">): string {
  return fitting === records ? "the formats fit every record" : `the formats fit ${fitting} of ${records} records`;
}
