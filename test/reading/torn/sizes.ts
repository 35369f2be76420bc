/** What the format files of a kernel say of the sizes of its events. */
import type { Abi } from "../../../src/ground/abi.js";
import type { EventSize } from "../../../src/reading/resync/knowledge.js";
import { buildContext } from "../../../src/system/context.js";
import { loadContextFiles } from "../../../src/system/load.js";

export function sizesOf(events: string, abi: Abi = { littleEndian: true, longSize: 8 }): Map<number, EventSize> {
  const { formats } = buildContext(loadContextFiles({ events }), abi);
  const sizes = new Map<number, EventSize>();
  for (const { id, system, fields } of formats.formats()) {
    // What ftrace's own events say of their arrays is not how long they are.
    const own = system === "ftrace";
    const size = own ? 8 : Math.max(8, ...fields.map(({ offset, size }) => offset + size));
    const variable = own || fields.some(({ shape, size }) => shape === "data_loc" || shape === "rel_loc" || size === 0);
    sizes.set(id, { size, variable });
  }
  return sizes;
}
