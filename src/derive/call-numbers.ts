import type { EventFormat } from "../system/formats/parse-format.js";
import { callsByNumber, type SyscallNames } from "../system/syscalls/names.js";

/**
 * Which number each system call has: by its architecture's table, else by the records themselves. No two calls share a
 * number, and a call's two events hold the same one (trace_get_syscall_nr() is -1, and nothing recorded, for another
 * word size's calls).
 */
export class CallNumbers {
  private readonly seen = new Map<number, string>();
  private readonly numbers = new Map<string, number>();
  private table: SyscallNames | undefined;

  /** @param names of the architecture's table */
  constructor(
    private readonly names: () => SyscallNames,
    private readonly formats: ReadonlyMap<number, EventFormat>,
  ) {}

  /** Whether `number` can be that of `call`. */
  agrees(call: string, number: number): boolean {
    this.table ??= callsByNumber(this.names(), this.formats.values());
    const named = this.table[number];
    if (named !== undefined) return named === call;
    const owner = this.seen.get(number);
    const own = this.numbers.get(call);
    if (owner === undefined && own === undefined) {
      this.seen.set(number, call);
      this.numbers.set(call, number);
      return true;
    }
    return owner === call && own === number;
  }
}
