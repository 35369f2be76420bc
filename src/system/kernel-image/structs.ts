import { alignUp } from "../../ground/abi.js";
import type { KernelMemory } from "./memory.js";

/** Where the fields of the kernel's own structs lie, in bytes. */
export interface EventLayout {
  /** struct trace_event_call (include/linux/trace_events.h). */
  readonly call: {
    readonly class: number;
    /** The name, or the tracepoint whose first word is the name. */
    readonly name: number;
    readonly type: number;
    readonly printFmt: number;
    readonly data: number;
    readonly flags: number;
    /** TRACE_EVENT_FL_TRACEPOINT. */
    readonly tracepointFlag: number;
  };
  /** struct trace_event_class. */
  readonly class: { readonly system: number; readonly fields: number };
  /** struct trace_event_fields, an array that ends with an entry without type. */
  readonly field: {
    readonly type: number;
    readonly name: number;
    readonly size: number;
    readonly align: number;
    /** In bits: is_signed is one of them. */
    readonly signedBit: number;
    readonly len: number;
    readonly entry: number;
  };
  /** struct trace_eval_map (include/linux/tracepoint-defs.h). */
  readonly evalMap: { readonly system: number; readonly name: number; readonly value: number };
  /** struct syscall_metadata (include/trace/syscall.h). */
  readonly syscall: {
    readonly name: number;
    readonly args: number;
    readonly types: number;
    readonly names: number;
    readonly enter: number;
    readonly exit: number;
  };
}

/**
 * The layouts of 6.12 to 7.3. `filter` is a pointer behind print_fmt that stable updates of 6.12 took away, and with it
 * the flags moved by a bit: the release does not tell, the flags do.
 */
export function eventLayout(w: 4 | 8, filter: boolean, fields: 3 | 4): EventLayout {
  const extra = filter ? w : 0;
  const types = alignUp(w + 8, w);
  return {
    call: {
      class: 2 * w,
      name: 3 * w,
      type: 6 * w,
      printFmt: 8 * w,
      data: 10 * w + extra,
      flags: 11 * w + extra,
      tracepointFlag: filter ? 0x10 : 0x08,
    },
    class: { system: 0, fields: fields * w },
    field: {
      type: 0,
      name: w,
      size: 2 * w,
      align: 2 * w + 4,
      signedBit: 8 * (2 * w + 8),
      len: 2 * w + 16,
      entry: alignUp(2 * w + 20, w),
    },
    evalMap: { system: 0, name: w, value: 2 * w },
    syscall: { name: 0, args: w + 4, types, names: types + w, enter: types + 4 * w, exit: types + 5 * w },
  };
}

/** A bit of a struct: bits are counted from a byte's lowest, or from its highest on big-endian machines, as BTF does. */
export function bitAt({ bytes, abi }: KernelMemory, place: number, bit: number): boolean {
  const byte = bytes[place + (bit >> 3)] ?? 0;
  return ((byte >> (abi.littleEndian ? bit & 7 : 7 - (bit & 7))) & 1) !== 0;
}
