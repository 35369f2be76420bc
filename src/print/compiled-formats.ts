import type { FormatTable } from "../system/formats/table.js";
import type { KernelTypes } from "../system/kernel-types.js";
import { type CompiledEvent, compileFormat } from "./compile.js";

/** The compiled events of a kernel build, each made when it is first asked for. */
export class CompiledFormats {
  private readonly compiled = new Map<number, CompiledEvent>();

  constructor(
    readonly table: FormatTable,
    private readonly types?: KernelTypes,
  ) {}

  /** The compiled event of an id. */
  event(id: number): CompiledEvent | undefined {
    const there = this.compiled.get(id);
    if (there !== undefined) return there;
    const format = this.table.get(id);
    if (format === undefined) return undefined;
    const event = compileFormat(format, {
      abi: this.table.abi,
      types: this.types,
      formats: this.table.byId,
      ...(this.table.release === undefined ? {} : { release: this.table.release }),
    });
    this.compiled.set(id, event);
    return event;
  }
}
