import { gunzipSync, inflateRawSync } from "node:zlib";
import { InputError } from "../../ground/errors.js";
import { unbzip2 } from "./bzip2.js";
import { unlz4 } from "./lz4.js";
import { unlzma } from "./lzma.js";
import { unlzop } from "./lzop.js";
import { Output } from "./output.js";
import type { Packing } from "./packing.js";
import { unxz } from "./xz.js";
import { unzstd } from "./zstd.js";

/**
 * Unpacks what begins with the first byte; bytes behind the packed stream are passed over. Throws InputError when it is
 * damaged or becomes larger than `limit`.
 */
export async function unpack(input: Uint8Array, packing: Packing, limit: number): Promise<Uint8Array> {
  try {
    if (packing === "gzip") return gunzip(input, limit);
    const output = new Output(input.length * 4, limit);
    switch (packing) {
      case "zstd":
        await unzstd(input, output);
        break;
      case "xz":
        unxz(input, output);
        break;
      case "lzma":
        unlzma(input, output);
        break;
      case "bzip2":
        unbzip2(input, output);
        break;
      case "lz4":
        unlz4(input, output);
        break;
      case "lzop":
        unlzop(input, output);
        break;
    }
    return output.finish();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${packing}: ${error.message}`);
    throw error;
  }
}

/** Members of RFC 1952. Behind the last one zlib takes no other bytes: the first is then unpacked alone. */
function gunzip(input: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(input, { maxOutputLength: limit });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "Z_DATA_ERROR" || !message.includes("header")) throw new InputError(message);
  }
  try {
    return inflateRawSync(input.subarray(gzipHeaderEnd(input)), { maxOutputLength: limit });
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

function gzipHeaderEnd(input: Uint8Array): number {
  const flags = input[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (input[at] ?? 0) + ((input[at + 1] ?? 0) << 8);
  for (const text of [8, 16]) if (flags & text) at = input.indexOf(0, at) + 1;
  return at + (flags & 2 ? 2 : 0);
}
