import { UsageError } from "../../ground/errors.js";
import { parseTimePoint } from "./time-window.js";

/** Nanoseconds from the trace's times to the Unix epoch's, by one pair that is known: `14.247246=2026-11-25T10:00:00Z`. */
export function wallOffset(pair: string | undefined, inNs: boolean): bigint | undefined {
  if (pair === undefined) return undefined;
  const equals = pair.indexOf("=");
  const date = Date.parse(pair.slice(equals + 1));
  if (equals < 1 || Number.isNaN(date))
    throw new UsageError(`${pair}: write it like 14.247246=2026-11-25T10:00:00Z`, "wall");
  if (!inNs) throw new UsageError("this trace clock does not count seconds: its times have no dates", "wall");
  const { from, units } = parseTimePoint("wall", pair.slice(0, equals), inNs);
  if (from === "end") throw new UsageError(`${pair}: the time as the text shows it`, "wall");
  return BigInt(date) * 1_000_000n - units;
}
