import { alignUp } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";
import type { Diagnostics } from "../ground/diagnostics.js";
import type { ScratchTable } from "../ring/layouts.js";
import {
  readStruct,
  type Span,
  type StructRead,
  TRACE_MOD_ENTRY_SIZE,
  type TRACE_SCRATCH,
  type TRACE_SCRATCH_V1,
} from "../ring/structs.js";

/** trace_clocks[] (kernel/trace/trace.c, 6.12 to 7.3): the clocks that every architecture has, and whether they count nanoseconds. */
export const TRACE_CLOCKS: readonly { readonly name: string; readonly inNs: boolean }[] = [
  { name: "local", inNs: true },
  { name: "global", inNs: true },
  { name: "counter", inNs: false },
  { name: "uptime", inNs: false },
  { name: "perf", inNs: true },
  { name: "mono", inNs: true },
  { name: "mono_raw", inNs: true },
  { name: "boot", inNs: true },
  { name: "tai", inNs: true },
];
/** x86 and arm64, powerpc have one clock of their own (ARCH_TRACE_CLOCKS); the image does not tell which. */
const ARCH_CLOCK = "the architecture's own (x86-tsc on x86, ppc-tb on powerpc)";

/** A module that was loaded when the buffer was made, or since. */
export interface ScratchModule {
  readonly name: string;
  /** Where its text began in the writing boot. */
  readonly address: bigint;
  readonly span: Span;
}

/** What trace.c keeps between the global header and the first CPU's meta. */
export interface Scratch {
  readonly span: Span;
  readonly header: StructRead<typeof TRACE_SCRATCH> | StructRead<typeof TRACE_SCRATCH_V1>;
  /** Index into trace_clocks[]; undefined in 6.15, which does not keep it. */
  readonly clockId: number | undefined;
  /** The clock that the time stamps count. Undefined for an id that no kernel has, or where none is kept. */
  readonly clockName: string | undefined;
  /** Address of _text in the writing boot; 0 when nobody has traced yet. */
  readonly textAddress: bigint;
  readonly modules: readonly ScratchModule[];
}

function clockName(id: number): string | undefined {
  return TRACE_CLOCKS[id]?.name ?? (id === TRACE_CLOCKS.length ? ARCH_CLOCK : undefined);
}

/** Whether a clock counts nanoseconds (trace_clocks[].in_ns); counter, uptime and the architecture's do not. */
export function clockCountsNanoseconds(id: number): boolean {
  return TRACE_CLOCKS[id]?.inNs ?? false;
}

function keepsClock(table: ScratchTable): table is typeof TRACE_SCRATCH {
  return "clock_id" in table.fields;
}

/** Reads the scratch area in `bytes`. Throws DecodeError when not even its header fits. */
export function readScratch(bytes: Bytes, table: ScratchTable, diagnostics: Diagnostics): Scratch {
  const withClock = keepsClock(table) ? readStruct(table, bytes, 0) : undefined;
  const header = withClock ?? readStruct(table, bytes, 0);
  const { text_addr, nr_entries } = header.values;
  const clockId = withClock?.values.clock_id;
  const name = clockId === undefined ? undefined : clockName(clockId);
  if (clockId !== undefined && name === undefined)
    diagnostics.add("scratch-clock", header.span.offset, `clock_id ${clockId} is not a trace clock`);
  const modules: ScratchModule[] = [];
  const start = alignUp(header.span.length, bytes.abi.longSize);
  const room = Math.floor((bytes.length - start) / TRACE_MOD_ENTRY_SIZE);
  if (nr_entries > BigInt(room))
    diagnostics.add(
      "scratch-entries",
      header.spans.nr_entries.offset,
      `${nr_entries} modules listed, room for ${room}`,
    );
  const count = nr_entries > BigInt(room) ? 0 : Number(nr_entries);
  for (let i = 0; i < count; i++) {
    const at = start + i * TRACE_MOD_ENTRY_SIZE;
    modules.push({
      address: bytes.long(at),
      name: cString(bytes.u8.subarray(at + bytes.abi.longSize, at + TRACE_MOD_ENTRY_SIZE)),
      span: { offset: bytes.offset + at, length: TRACE_MOD_ENTRY_SIZE },
    });
  }
  return {
    span: { offset: bytes.offset, length: bytes.length },
    header,
    clockId,
    clockName: name,
    textAddress: text_addr,
    modules,
  };
}

/** The bytes before the first NUL, one character a byte: names in an image are not to be trusted to be UTF-8. */
function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
