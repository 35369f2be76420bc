import type { AddressSpace } from "./address-space.js";

/** The entries of a list (struct list_head), from behind its head until it comes back there, or is broken. */
export function* listed(space: AddressSpace, head: bigint): Generator<bigint> {
  for (let at = space.long(head); at !== undefined && at !== head; at = space.long(at)) yield at;
}
