/** A number of bytes as people say it, beside the exact number: `524288 (512 KiB)`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return `${count} bytes`;
  return `${count} (${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]})`;
}

/** A time: seconds with microseconds, as the kernel prints it, for clocks in nanoseconds; else the bare count. */
export function time(value: bigint | undefined, nanoseconds: boolean): string {
  if (value === undefined) return "-";
  if (!nanoseconds) return value.toString();
  const micros = (value + 500n) / 1000n;
  return `${micros / 1_000_000n}.${(micros % 1_000_000n).toString().padStart(6, "0")}`;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
