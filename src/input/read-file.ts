import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { InputError } from "../ground/errors.js";
import { Allowance, OverBudget } from "./budget.js";

/** What is read at a time of a file that does not say how long it is. */
const STEP = 1024 * 1024;

/**
 * All of a file, pipe or device. Throws InputError where it has more bytes than any of its kind, OverBudget where it has more
 * than the allowance lets one file be.
 * @param most bytes that one of its kind has at most
 */
export function readWhole(path: string, allowance = new Allowance(), most?: number): Uint8Array {
  const fd = openSync(path, "r");
  try {
    return readOpen(fd, allowance, most);
  } finally {
    closeSync(fd);
  }
}

/** The same of a file that is open. */
export function readOpen(fd: number, { forOne }: Allowance, most = Number.POSITIVE_INFINITY): Uint8Array {
  const { size } = fstatSync(fd);
  const limit = Math.min(most, forOne);
  const tooLong = (): InputError =>
    most <= forOne
      ? new InputError(`it has more than ${most} bytes, and is no such file`)
      : new OverBudget(`it has more than ${forOne} bytes`, "memory");
  if (size > limit) throw tooLong();
  // A byte more than it should have: so its end is seen. Files of /proc and sysfs say 0, or a page.
  let bytes = new Uint8Array(Math.min(limit, size || STEP) + 1);
  for (let end = 0; ; ) {
    if (end === bytes.length) {
      const grown = new Uint8Array(Math.min(limit + 1, bytes.length * 2));
      grown.set(bytes);
      bytes = grown;
    }
    const got = readSync(fd, bytes, end, bytes.length - end, null);
    if (got === 0) return bytes.subarray(0, end);
    end += got;
    if (end > limit) throw tooLong();
  }
}
