import type { Source } from "../source.js";

/** Bits one behind another that are all set, or all not. */
export interface BitRun {
  readonly isSet: boolean;
  readonly first: number;
  readonly count: number;
}

/** A bitmap in a file as runs of equal bits, the lowest of each byte first. What is behind the file's end is in none. */
export function* bitRuns(source: Source, offset: number, bits: number): Generator<BitRun> {
  let first = 0;
  let at = 0;
  let isSet = false;
  for (const bytes of source.stream(offset, Math.ceil(bits / 8)))
    for (const byte of bytes) {
      if (byte === (isSet ? 0xff : 0)) at += 8;
      else
        for (let bit = 0; bit < 8; bit++, at++) {
          if (((byte >> bit) & 1) === Number(isSet)) continue;
          if (at > first && at <= bits) yield { isSet, first, count: at - first };
          first = at;
          isSet = !isSet;
        }
    }
  const end = Math.min(at, bits);
  if (end > first) yield { isSet, first, count: end - first };
}
