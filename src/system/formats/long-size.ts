import type { Abi } from "../../ground/abi.js";
import type { EventFormat } from "./parse-format.js";

const LONG = /^(unsigned )?long$/;

/** The size of a long by the formats themselves: of each plain `long` and pointer field, the commonest. */
export function longSizeIn(formats: Iterable<EventFormat>): Abi["longSize"] | undefined {
  let balance = 0;
  for (const { fields } of formats)
    for (const { type, size, shape } of fields)
      if (shape === "pointer" || (shape === "int" && LONG.test(type))) balance += size === 8 ? 1 : size === 4 ? -1 : 0;
  return balance === 0 ? undefined : balance > 0 ? 8 : 4;
}
