import { UsageError } from "../../ground/errors.js";

/** A point in time: absolute, or before the last event. In nanoseconds, or in units of a clock that counts no time. */
export interface TimePoint {
  readonly from: "start" | "end";
  readonly units: bigint;
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  ns: 1n,
};

/**
 * Parses a point in time: seconds as the text shows them (`136.425533`), or `-200ms` before the last
 * event. A clock that does not count nanoseconds has plain numbers.
 * @param about what the text is given for, named where it is no time
 */
export function parseTimePoint(about: string, text: string, inNs: boolean): TimePoint {
  const relative = text.startsWith("-");
  const units = parseAmount(relative ? text.slice(1) : text, inNs, () => {
    const written = "136.425533 (seconds, as printed), or -200ms, -1.5s, -5m or -1h before the last event";
    return new UsageError(`${text}: not a time; write it like ${written}`, about);
  });
  return { from: relative ? "end" : "start", units };
}

/** Parses a length of time: `200ms`, `1.5s`, `5m`, `1h`, `3` (seconds). */
export function parseDuration(about: string, text: string, inNs: boolean): bigint {
  return parseAmount(
    text,
    inNs,
    () => new UsageError(`${text}: not a length of time; write it like 200ms, 1.5s, 5m, 1h or 3 (seconds)`, about),
  );
}

function parseAmount(text: string, inNs: boolean, noTime: () => UsageError): bigint {
  const match = /^(\d{1,20})(?:\.(\d{1,9}))?(h|m|s|ms|us|ns)?$/.exec(text);
  if (!match) throw noTime();
  const [, whole, fraction = "", unit] = match;
  if (!inNs) {
    if (unit !== undefined || fraction !== "")
      throw new UsageError(`${text}: this trace clock does not count seconds; give a plain number`, noTime().about);
    return BigInt(whole!);
  }
  const scale = UNITS[unit ?? "s"]!;
  return BigInt(whole!) * scale + (BigInt(fraction.padEnd(9, "0")) * scale) / 1_000_000_000n;
}

/** The time that a point means, given that of the last event. */
export function resolveTime(point: TimePoint, last: bigint): bigint {
  return point.from === "start" ? point.units : last - point.units;
}
