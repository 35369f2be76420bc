import type { AddressSpace } from "./address-space.js";

/** The entries of a list (struct list_head), each once: from behind its head until it comes back, or is broken. */
export function* listed(space: AddressSpace, head: bigint): Generator<bigint> {
  const passed = new Set([head]);
  for (let at = space.long(head); at !== undefined && !passed.has(at); at = space.long(at)) {
    passed.add(at);
    yield at;
  }
}
