import type { RecordCopies } from "../events/kernel-copy.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import { callOf, type SyscallNames } from "../system/syscalls/names.js";
import type { FormatPrinter } from "./event-text.js";

/**
 * A kernel prints a system call's event only where the record's number is the call's. A number of none ends the line; so does
 * another call's in print_syscall_enter(), while print_syscall_exit() then leaves the line without an end
 * (kernel/trace/trace_syscalls.c, 6.12 to 7.3).
 * @param calls the calls that have events, by number: where it does not have this one, any number of none may be its own
 */
export function syscallLine(
  print: FormatPrinter,
  format: EventFormat,
  calls: SyscallNames,
  copies: RecordCopies | undefined,
): FormatPrinter {
  const call = callOf(format);
  const number = format.fields.find(({ common }) => !common);
  if (call === undefined || number === undefined || calls.length === 0) return print;
  const { offset, size } = number;
  const placed = calls.includes(call);
  const exits = format.name.startsWith("sys_exit_");
  return (event, out) => {
    const record = event.dataSize < offset + size ? copies?.of(event) : event;
    const owner = record && calls[record.bytes.i32(record.data + offset)];
    if (record === undefined || owner === call || (owner === undefined && !placed)) print(event, out);
    else if (owner === undefined || !exits) out.char(10);
  };
}
