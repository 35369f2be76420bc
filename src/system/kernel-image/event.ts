import { alignUp } from "../../ground/abi.js";
import { MAX_FIELDS } from "../formats/errors.js";
import { type EvalMapsBySystem, replaceInPrintFmt, replaceInType } from "./eval-maps.js";
import type { KernelMemory } from "./memory.js";
import { bitAt, type EventLayout } from "./structs.js";

/** A field as a format file lists it. */
export interface EventField {
  readonly type: string;
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  /** Elements of an array; 0 for none, and for one without a size. */
  readonly len: number;
}

/** An event of a kernel or module, before it has its number. */
export interface KernelEvent {
  readonly system: string;
  readonly name: string;
  /** The number in the file: ftrace's own have theirs; 0 for the rest. */
  readonly fixedId: number;
  readonly fields: readonly EventField[];
  readonly printFmt: string;
}

/** Behind the common fields (trace_event_init_fields(), struct trace_entry). */
export const FIELDS_START = 8;

/** A system that has its own rules. */
export const SYSCALLS = "syscalls";

/** Which event a description (struct trace_event_call) is of. */
export interface CallNames {
  /** Where the description lies. */
  readonly call: number;
  readonly system: string;
  readonly systemPlace: number;
  readonly name: string;
  readonly fixedId: number;
  readonly data: number;
}

/** Which event a description is of; undefined when its pointers lead nowhere. */
export function namesOf(memory: KernelMemory, layout: EventLayout, call: number): CallNames | undefined {
  const { call: at } = layout;
  const klass = memory.pointer(call + at.class);
  if (klass < 0) return undefined;
  const systemPlace = memory.pointer(klass + layout.class.system);
  const system = memory.text(systemPlace);
  const named = memory.pointer(call + at.name);
  const throughTracepoint = (memory.u32(call + at.flags) & at.tracepointFlag) !== 0;
  const name = memory.text(throughTracepoint ? memory.pointer(named) : named);
  if (!system || !name || /[^\x21-\x7e]/.test(system + name) || /[/]/.test(system + name)) return undefined;
  return { call, system, systemPlace, name, fixedId: memory.u32(call + at.type), data: memory.pointer(call + at.data) };
}

/** Fields and print format of a description that is no system call's. */
export function readEvent(
  memory: KernelMemory,
  layout: EventLayout,
  names: CallNames,
  maps: EvalMapsBySystem,
): KernelEvent {
  const { call, system, name, fixedId } = names;
  const ofSystem = maps.get(names.systemPlace) ?? new Map();
  const klass = memory.pointer(call + layout.call.class);
  const printFmt = memory.text(memory.pointer(call + layout.call.printFmt)) ?? "";
  return {
    system,
    name,
    fixedId,
    fields: readFields(memory, layout, memory.pointer(klass + layout.class.fields), ofSystem),
    printFmt: replaceInPrintFmt(printFmt, ofSystem),
  };
}

function readFields(
  memory: KernelMemory,
  { field }: EventLayout,
  start: number,
  maps: ReadonlyMap<string, readonly { readonly name: string; readonly value: string }[]>,
): EventField[] {
  const fields: EventField[] = [];
  let offset = FIELDS_START;
  if (start < 0) return fields;
  for (let at = start; fields.length < MAX_FIELDS && memory.has(at, field.entry); at += field.entry) {
    const type = memory.text(memory.pointer(at + field.type));
    const name = memory.text(memory.pointer(at + field.name));
    if (type === undefined || name === undefined) break;
    const size = memory.u32(at + field.size);
    offset = alignUp(offset, Math.max(1, memory.u32(at + field.align)));
    fields.push({
      type: replaceInType(withoutAttributes(type), maps),
      name,
      offset,
      size,
      signed: bitAt(memory, at, field.signedBit),
      len: memory.i32(at + field.len),
    });
    offset += size;
  }
  return fields;
}

const ATTRIBUTE = "__attribute__((";

/** sanitize_field_type(): attributes at the beginning or behind a space, with the spaces that follow. */
function withoutAttributes(type: string): string {
  let out = type;
  for (let at = out.indexOf(ATTRIBUTE); at >= 0; at = out.indexOf(ATTRIBUTE, at)) {
    if (at > 0 && out[at - 1] !== " ") {
      at++;
      continue;
    }
    let depth = 0;
    let end = at + ATTRIBUTE.length - 2;
    do {
      if (out[end] === "(") depth++;
      else if (out[end] === ")") depth--;
      end++;
    } while (depth > 0 && end < out.length);
    while (out[end] === " ") end++;
    out = out.slice(0, at) + out.slice(end);
  }
  return out;
}

const COMMON_FIELDS =
  "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" +
  "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" +
  "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" +
  "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n";

/** The event's format file (f_show(), kernel/trace/trace_events.c), one character a byte. */
export function formatText({ name, fields, printFmt }: KernelEvent, id: number): string {
  let text = `name: ${name}\nID: ${id}\nformat:\n${COMMON_FIELDS}\n`;
  for (const field of fields)
    text += `\tfield:${declaration(field)};\toffset:${field.offset};\tsize:${field.size};\tsigned:${field.signed ? 1 : 0};\n`;
  return `${text}\nprint fmt: ${printFmt}\n`;
}

function declaration({ type, name, len }: EventField): string {
  const bracket = type.startsWith("__data_loc") ? -1 : type.indexOf("[");
  if (bracket < 0) return `${type} ${name}`;
  return `${type.slice(0, bracket)} ${name}[${len === 0 ? "" : len}]`;
}
