import { type Elf, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE } from "../../elf/elf.js";
import { alignUp } from "../../ground/abi.js";

/** What the loader allocates for a module for good, each by itself (enum mod_mem_type, since 6.4). */
export type Region = "text" | "rodata" | "ro_after_init" | "data";

/** Where a section lies in memory: how far into its region. */
export interface SectionPlace {
  readonly region: Region;
  readonly offset: number;
}

export interface ModuleLayout {
  /** By a section's index. */
  readonly places: ReadonlyMap<number, SectionPlace>;
  /** Bytes of each region. */
  readonly sizes: Readonly<Record<Region, number>>;
}

/** Data that becomes read-only once the module is loaded (module_mark_ro_after_init(), kernel/module/main.c). */
const RO_AFTER_INIT = new Set([".data..ro_after_init", "__jump_table"]);
/** Sections that the loader does not keep, or keeps elsewhere (rewrite_section_headers(), percpu_modalloc()). */
const NOT_KEPT = new Set([".modinfo", "__versions", ".data..percpu"]);

/**
 * The sections of each region, in the order of the file, each aligned for itself; what is freed after loading is left out
 * (__layout_sections(), kernel/module/main.c).
 */
export function moduleLayout({ sections }: Elf): ModuleLayout {
  const places = new Map<number, SectionPlace>();
  const sizes: Record<Region, number> = { text: 0, rodata: 0, ro_after_init: 0, data: 0 };
  for (const { index, name, flags, size, alignment } of sections) {
    if ((flags & SHF_ALLOC) === 0 || name.startsWith(".init") || NOT_KEPT.has(name)) continue;
    const region: Region =
      (flags & SHF_EXECINSTR) !== 0
        ? "text"
        : (flags & SHF_WRITE) === 0
          ? "rodata"
          : RO_AFTER_INIT.has(name)
            ? "ro_after_init"
            : "data";
    const offset = alignUp(sizes[region], Math.max(1, alignment));
    places.set(index, { region, offset });
    sizes[region] = offset + size;
  }
  return { places, sizes };
}
