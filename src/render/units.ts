import { plural } from "../ground/plural.js";
import { clockText } from "../ground/time-text.js";
import { glued } from "./wrap.js";

/** A number of bytes, exact and as people say it, together on a line: `524288 bytes (512 KiB)`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return plural(count, "byte");
  return glued(`${count} bytes (${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]})`);
}

/** When something was that took some time, or none. */
export function spanText<T>(first: T, last: T, text: (time: T) => string): string {
  return first === last ? `at ${text(last)}` : `from ${text(first)} to ${text(last)}`;
}

/** A time that there may be none of. */
export function time(value: bigint | undefined, inNs: boolean): string {
  return value === undefined ? "-" : clockText(value, inNs);
}
