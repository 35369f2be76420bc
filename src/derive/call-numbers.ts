import type { EventFormat } from "../system/formats/parse-format.js";
import type { SyscallNames } from "../system/syscalls/names.js";

const CALL_EVENT = /^sys_(?:enter|exit)_(.+)$/;

/**
 * Which number each system call has: by its architecture's table, else by the records themselves. No two calls share a
 * number, and a call's two events hold the same one (trace_get_syscall_nr() is -1, and nothing recorded, for another
 * word size's calls).
 */
export class CallNumbers {
  private readonly seen = new Map<number, string>();
  private readonly numbers = new Map<string, number>();
  private table: SyscallNames | undefined;
  /** Those that have events. */
  private calls: ReadonlySet<string> | undefined;

  /** @param names of the architecture's table; some calls have other names there than in their events */
  constructor(
    private readonly names: () => SyscallNames,
    private readonly formats: ReadonlyMap<number, EventFormat>,
  ) {}

  /** `openat` of the events sys_enter_openat and sys_exit_openat. */
  callOf({ system, name }: EventFormat): string | undefined {
    return system === "syscalls" ? CALL_EVENT.exec(name)?.[1] : undefined;
  }

  /** Whether `number` can be that of `call`. */
  agrees(call: string, number: number): boolean {
    this.table ??= this.names();
    const named = this.table[number];
    this.calls ??= new Set([...this.formats.values()].flatMap((format) => this.callOf(format) ?? []));
    if (named !== undefined && this.calls.has(named)) return named === call;
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
