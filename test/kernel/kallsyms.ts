import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { KERNELS } from "../support/collection.js";

const known = new Map<string, { textAddr?: bigint; dataAddr?: bigint }>();

/** The two addresses that 6.12 to 6.14 write into a CPU's meta that they make anew. */
export function textAddresses(release: string): { textAddr?: bigint; dataAddr?: bigint } {
  const before = known.get(release);
  if (before) return before;
  const file = join(KERNELS, release, "kallsyms.gz");
  if (!existsSync(file)) return {};
  const symbols = gunzipSync(readFileSync(file)).toString("utf8");
  const find = (name: string): bigint | undefined => {
    const match = new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(symbols);
    return match ? BigInt(`0x${match[1]}`) : undefined;
  };
  const textAddr = find("rb_meta_init_text_addr");
  const dataAddr = find("rb_data_ptr");
  const found = { ...(textAddr === undefined ? {} : { textAddr }), ...(dataAddr === undefined ? {} : { dataAddr }) };
  known.set(release, found);
  return found;
}
