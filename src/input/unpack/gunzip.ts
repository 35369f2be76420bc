import { gunzipSync, inflateRawSync } from "node:zlib";
import { InputError } from "../../ground/errors.js";
import type { Allowance } from "../budget.js";

/**
 * Members of RFC 1952. Behind the last one zlib takes no other bytes: the first is then unpacked alone. Throws InputError
 * when it is damaged, or becomes larger than any of its kind; OverBudget when it does than the allowance lets one file be.
 * @param most bytes that one of its kind has at most
 */
export function gunzip(input: Uint8Array, allowance: Allowance, most = Number.POSITIVE_INFINITY): Uint8Array {
  const attempt = (unzip: typeof gunzipSync, bytes: Uint8Array): Uint8Array => {
    if (allowance.forOne === 0) throw allowance.exceeded();
    const unpacked = unzip(bytes, { maxOutputLength: Math.min(most, allowance.forOne) });
    allowance.take(unpacked.length);
    return unpacked;
  };
  const gzipError = (error: unknown): InputError => {
    if (error instanceof InputError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_BUFFER_TOO_LARGE") return new InputError(`gzip: ${message}`);
    return most < allowance.forOne
      ? new InputError(`it unpacks to more than ${most} bytes, and is no such file`)
      : allowance.exceeded();
  };
  try {
    return attempt(gunzipSync, input);
  } catch (error) {
    if (!isForeignTail(error)) throw gzipError(error);
  }
  try {
    return attempt(inflateRawSync, input.subarray(gzipHeaderEnd(input)));
  } catch (error) {
    throw gzipError(error);
  }
}

function isForeignTail(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "Z_DATA_ERROR" && message.includes("header");
}

function gzipHeaderEnd(input: Uint8Array): number {
  const flags = input[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (input[at] ?? 0) + ((input[at + 1] ?? 0) << 8);
  for (const text of [8, 16]) if (flags & text) at = input.indexOf(0, at) + 1;
  return at + (flags & 2 ? 2 : 0);
}
