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

  /** The modules that have a symbol of this name. */
  ownersOf(name: string): string[] {
    return this.group.indicesOf(name).map((i) => this.names[this.owners[i]!]!);
  }

  get count(): number {
    return this.group.count;
  }
}
