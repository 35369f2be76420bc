import { UsageError } from "../ground/errors.js";
import { hex } from "../ground/hex.js";
import { cutText } from "../image/cut.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import type { Span, StructRead, StructTable } from "../ring/structs.js";

/** Which image a report is about. */
export function imageReport(image: Image) {
  return { name: image.source.name, size: image.source.size };
}

/** What is missing, where the file was cut short. */
export function cutReport({ cut }: Image) {
  return cut ? { text: cutText(cut), ...cut } : null;
}

/** Whether the time stamps count nanoseconds. Where no clock is stored it is the default one, which does. */
export function countsNanoseconds({ scratch }: Image): boolean {
  return scratch ? clockCountsNanoseconds(scratch.clockId ?? 0) : true;
}

/** A struct with every field's value and place; addresses (longs) in hexadecimal. */
export function structReport<T extends StructTable>(struct: StructRead<T>) {
  const values = struct.values as Record<string, number | bigint>;
  const spans = struct.spans as Record<string, Span>;
  const fields = Object.fromEntries(
    Object.entries(spans).map(([name, span]) => {
      const value = values[name]!;
      return [
        name,
        { value: typeof value === "bigint" ? hex(value) : value, offset: span.offset, length: span.length },
      ];
    }),
  );
  return { offset: struct.span.offset, length: struct.span.length, fields };
}

export function optionalHex(value: bigint | undefined): string | null {
  return value === undefined ? null : hex(value);
}

/** The CPUs of an image that a list names; all without a list. Throws UsageError for one that is not there. */
export function chosenCpus(image: Image, list: ReadonlySet<number> | undefined): Image["cpus"] {
  if (!list) return image.cpus;
  for (const cpu of list)
    if (cpu >= image.cpus.length)
      throw new UsageError(`the image has CPUs 0 to ${image.cpus.length - 1}, not ${cpu}`, "cpu");
  return image.cpus.filter(({ cpu }) => list.has(cpu));
}
