import type { ArrayGroup } from "./symbol-groups.js";

/** Symbols of all modules, sorted by address. */
export class ModuleSymbols {
  constructor(
    readonly group: ArrayGroup,
    /** Names of the modules. */
    readonly names: readonly string[],
    /** Which module a symbol is of. */
    readonly owners: Uint32Array,
    /** The letter that kallsyms shows (elf_type(), kernel/module/kallsyms.c). */
    readonly types: Uint8Array,
  ) {}

  get count(): number {
    return this.group.count;
  }
}
