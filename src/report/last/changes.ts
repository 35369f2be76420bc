import type { Rate } from "../../derive/rates.js";

/** Kinds of events that came this often in one of the two times say something. */
const ENOUGH = 20;
/** A rate that rose or fell by less is no news. */
const FACTOR = 3;
const MOST = 6;

export interface RateChange extends Pick<Rate, "type" | "last"> {
  /** Events a second. */
  readonly before: number;
  readonly after: number;
}

/** What came much more often at the end than before, or much less; the greatest change first. */
export function rateChanges(rates: readonly Rate[], seconds: { before: number; after: number }): RateChange[] {
  if (seconds.before <= 0 || seconds.after <= 0) return [];
  const change = ({ before, after }: Pick<RateChange, "before" | "after">): number =>
    Math.abs(Math.log((after + 1 / seconds.after) / (before + 1 / seconds.before)));
  return rates
    .filter(({ before, after }) => before >= ENOUGH || after >= ENOUGH)
    .map((rate) => ({ ...rate, before: rate.before / seconds.before, after: rate.after / seconds.after }))
    .filter((rate) => change(rate) >= Math.log(FACTOR))
    .sort((a, b) => change(b) - change(a))
    .slice(0, MOST);
}
