import type { TraceEvent } from "../../events/event.js";
import { fieldPlans } from "../../events/fields.js";
import type { EventFormat } from "../../system/formats/parse-format.js";
import type { Trace } from "../../trace/trace.js";

/** What formats call the arguments of calls that the kernel defines under another name than the table's (SYSCALL_DEFINEx). */
const PREFIXES = ["", "new"] as const;

/** Tells a raw sys_enter with the arguments' names, where the kernel's formats have the call. */
export class SyscallText {
  private readonly byName = new Map<string, EventFormat>();

  constructor(private readonly trace: Trace) {
    for (const format of trace.writer.formats.values())
      if (format.system === "syscalls" && format.name.startsWith("sys_enter_"))
        this.byName.set(format.name.slice("sys_enter_".length), format);
  }

  /** `openat(dfd: 0xffffff9c, filename: 0x7ffc1010, ...)` */
  of(enter: TraceEvent, nr: number, name: string | undefined): string {
    return `${name ?? `number ${nr}`}(${this.args(enter, name).join(", ")})`;
  }

  private args(enter: TraceEvent, name: string | undefined): string[] {
    const { writer, littleEndian } = this.trace;
    const format = writer.formats.get(enter.type);
    const plan = format && fieldPlans(format, littleEndian).find((field) => field.name === "args");
    const values = plan?.get(enter);
    if (!Array.isArray(values)) return [];
    const args = this.argNames(name);
    return (args ?? values).map((arg, i) => {
      const value = values[i] as number | bigint | undefined;
      const text = value === undefined ? "?" : value < 10 ? String(value) : `0x${value.toString(16)}`;
      return args === undefined ? text : `${arg}: ${text}`;
    });
  }

  private argNames(name: string | undefined): string[] | undefined {
    if (name === undefined) return undefined;
    const format = PREFIXES.map((prefix) => this.byName.get(prefix + name)).find((found) => found !== undefined);
    return format?.fields
      .filter(({ common, name: field, shape }) => !common && field !== "__syscall_nr" && shape !== "data_loc")
      .map((field) => field.name);
  }
}
