import { InputError } from "../../ground/errors.js";
import { type Allowance, OverBudget } from "../budget.js";
import { unbzip2 } from "./bzip2.js";
import { gunzip } from "./gunzip.js";
import { unlz4 } from "./lz4.js";
import { unlzma } from "./lzma.js";
import { unlzop } from "./lzop.js";
import { Output } from "./output.js";
import type { Packing } from "./packing.js";
import { unxz } from "./xz.js";
import { unzstd } from "./zstd.js";

/**
 * Unpacks what begins with the first byte; bytes behind the packed stream are passed over. Throws InputError when it is
 * damaged, OverBudget when it becomes larger than the allowance lets one file be.
 */
export async function unpack(input: Uint8Array, packing: Packing, allowance: Allowance): Promise<Uint8Array> {
  if (packing === "gzip") return gunzip(input, allowance);
  // A kernel is a fifth of its size when packed: too little costs a copy of all, too much costs no memory.
  const output = new Output(input.length * 6, allowance.forOne, () => allowance.exceeded());
  try {
    await decode(input, packing, output);
    return output.finish();
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof OverBudget) throw error;
    throw new InputError(`${packing}: ${error.message}`);
  } finally {
    allowance.take(output.length);
  }
}

async function decode(input: Uint8Array, packing: Exclude<Packing, "gzip">, output: Output): Promise<void> {
  switch (packing) {
    case "zstd":
      return unzstd(input, output);
    case "xz":
      return unxz(input, output);
    case "lzma":
      return unlzma(input, output);
    case "bzip2":
      return unbzip2(input, output);
    case "lz4":
      return unlz4(input, output);
    case "lzop":
      return unlzop(input, output);
  }
}
