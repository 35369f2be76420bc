import type { Btf, BtfMember } from "../btf.js";
import type { KernelMemory } from "./memory.js";
import type { EventLayout } from "./structs.js";

/**
 * The layout of the structs that describe events, as the kernel's own type information has them. Undefined where it lacks
 * one of them.
 */
export function eventLayoutOfTypes(btf: Btf, word: KernelMemory["word"]): EventLayout | undefined {
  const flag = btf.enumerator("TRACE_EVENT_FL_TRACEPOINT");
  const call = struct(btf, "trace_event_call");
  const klass = struct(btf, "trace_event_class");
  const field = struct(btf, "trace_event_fields");
  const map = struct(btf, "trace_eval_map");
  const metadata = struct(btf, "syscall_metadata");
  if (flag === undefined || call === undefined || klass === undefined || field === undefined) return undefined;
  const event = call.member("event");
  const type = event && btf.member(btf.strip(event.type)?.id ?? 0, "type");
  const signed = field.member("is_signed");
  const w = word;
  try {
    return {
      call: {
        class: call.bytes("class"),
        name: call.bytes("name"),
        type: bytes(event) + bytes(type),
        printFmt: call.bytes("print_fmt"),
        data: call.bytes("data"),
        flags: call.bytes("flags"),
        tracepointFlag: Number(flag),
      },
      class: { system: klass.bytes("system"), fields: klass.bytes("fields_array") },
      field: {
        type: field.bytes("type"),
        name: field.bytes("name"),
        size: field.bytes("size"),
        align: field.bytes("align"),
        signedBit: signed?.bitOffset ?? missing(),
        len: field.bytes("len"),
        entry: field.size,
      },
      evalMap:
        map === undefined
          ? { system: 0, name: w, value: 2 * w }
          : { system: map.bytes("system"), name: map.bytes("eval_string"), value: map.bytes("eval_value") },
      // Without CONFIG_FTRACE_SYSCALLS there are none to read.
      syscall:
        metadata === undefined
          ? { name: 0, args: 0, types: 0, names: 0, enter: 0, exit: 0 }
          : {
              name: metadata.bytes("name"),
              args: metadata.bytes("nb_args"),
              types: metadata.bytes("types"),
              names: metadata.bytes("args"),
              enter: metadata.bytes("enter_event"),
              exit: metadata.bytes("exit_event"),
            },
    };
  } catch (error) {
    if (error instanceof MissingMember) return undefined;
    throw error;
  }
}

class MissingMember extends Error {}

function missing(): never {
  throw new MissingMember();
}

function bytes(member: BtfMember | undefined): number {
  return member === undefined ? missing() : member.bitOffset >> 3;
}

function struct(btf: Btf, name: string) {
  const type = btf.findOnce(name, "struct");
  if (type === undefined) return undefined;
  const member = (of: string) => btf.member(type.id, of);
  return { size: type.size, member, bytes: (of: string) => bytes(member(of)) };
}

/** The differences between two layouts, as `struct.field: 88, not 80`; those of `told` first. */
export function layoutDifferences(told: EventLayout, found: EventLayout): string[] {
  const out: string[] = [];
  for (const group of Object.keys(STRUCT_NAMES) as (keyof EventLayout)[]) {
    const a = told[group] as Readonly<Record<string, number>>;
    const b = found[group] as Readonly<Record<string, number>>;
    for (const [name, value] of Object.entries(a))
      if (b[name] !== value) out.push(`${STRUCT_NAMES[group]}: ${name} at ${value}, not ${b[name]}`);
  }
  return out;
}

const STRUCT_NAMES: Readonly<Record<keyof EventLayout, string>> = {
  call: "trace_event_call",
  class: "trace_event_class",
  field: "trace_event_fields",
  evalMap: "trace_eval_map",
  syscall: "syscall_metadata",
};
