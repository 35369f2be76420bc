import type { MemoryGuess } from "../machine/memory-kind.js";

/** The page frame of a sub-buffer, found in both ways that rb_struct_page() was to have. */
export interface StructPage {
  /** From the physical start of the range: phys_start + (address - virt_start). Null where that is not known. */
  readonly byRange: bigint | undefined;
  /** virt_to_page(): from where the direct map begins. Null where the address is not in it, or its start is unknown. */
  readonly byVirtToPage: bigint | undefined;
}

/** How both ways work in this image, for all its sub-buffers. */
export interface StructPageRule {
  /** What the kernel does since 6.16: only memory with the direct map's addresses may be mapped. */
  readonly used: "virt_to_page";
  /** Where physical address 0 would lie in the direct map: the address of the area less its physical start. */
  readonly directMapOffset: bigint | undefined;
  readonly note: string;
}

/** @param virt the area's virtual start in the boot that serves the mapping */
export function structPageRule(guess: MemoryGuess, virt: bigint | undefined, phys: bigint | undefined): StructPageRule {
  const rule = { used: "virt_to_page" as const };
  if (guess.addresses === "vmap")
    return {
      ...rule,
      directMapOffset: undefined,
      note: "virt_to_page() does not work on vmap addresses: only the physical start tells the frame",
    };
  if (phys === undefined || virt === undefined)
    return { ...rule, directMapOffset: undefined, note: "without the physical start, no page frames" };
  return {
    ...rule,
    directMapOffset: virt - phys,
    note: "both ways find the same frame: the area is physically contiguous and in the direct map",
  };
}

/**
 * The page frame number of the area's byte at `offset`.
 * @param start where the area begins, as far as it is known
 */
export function structPage(
  rule: StructPageRule,
  start: { readonly virt: bigint | undefined; readonly phys: bigint | undefined },
  offset: number,
  pageSize: number,
): StructPage {
  const { virt, phys } = start;
  const size = BigInt(pageSize);
  const byRange = phys === undefined ? undefined : (phys + BigInt(offset)) / size;
  const byVirtToPage =
    rule.directMapOffset === undefined || virt === undefined
      ? undefined
      : BigInt.asUintN(64, virt + BigInt(offset) - rule.directMapOffset) / size;
  return { byRange, byVirtToPage };
}
