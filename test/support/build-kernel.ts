import type { Abi } from "../../src/ground/abi.js";

/** A kernel of a few events, in code: what no kernel in the collection has, and what mutations start from. */
export interface KernelSpec {
  readonly abi: Abi;
  readonly release: string;
  readonly events: readonly SpecEvent[];
  /** System calls, by their number; none at a place where nothing stands. */
  readonly syscalls: readonly (SpecSyscall | undefined)[];
  /** trace_event_call with the filter pointer of early 6.12. */
  readonly filter?: boolean;
  /** Words in front of print_fmt that no kernel has. */
  readonly gap?: number;
  /** .BTF. */
  readonly btf?: Uint8Array;
  /** Data of its own: zeros, so many bytes by symbol. */
  readonly room?: Readonly<Record<string, number>>;
  /** Constants of its own: their bytes, one character each, by symbol. */
  readonly constants?: Readonly<Record<string, string>>;
  /** How kallsyms' offsets are meant. */
  readonly offsets: "base" | "self" | "absolute-percpu";
  readonly recordsMemory?: boolean;
  /** What its build ID is made of. */
  readonly buildByte?: number;
  readonly address: bigint;
}

export interface SpecEvent {
  readonly system: string;
  readonly name: string;
  /** ftrace's own have one. */
  readonly fixedId?: number;
  readonly fields: readonly (readonly [type: string, name: string, size: number, signed: boolean, len?: number])[];
  readonly printFmt: string;
  readonly enums?: readonly (readonly [name: string, value: bigint])[];
}

export interface SpecSyscall {
  readonly name: string;
  readonly args: readonly (readonly [type: string, name: string])[];
}

export interface BuiltKernel {
  /** An ELF file with one PT_LOAD. */
  readonly elf: Uint8Array;
  /** Lines of /proc/kallsyms. */
  readonly kallsyms: string;
}

const ELF_HEADER = 0x100;
const SIZE = 256 * 1024;

export function buildKernel(spec: KernelSpec): BuiltKernel {
  const { abi, address } = spec;
  const w = abi.longSize;
  const bytes = Buffer.alloc(SIZE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE);
  let end = ELF_HEADER;
  const symbols: { name: string; type: string; address: bigint }[] = [];
  const reserve = (size: number, alignment: number = w): number => {
    const at = Math.ceil(end / alignment) * alignment;
    end = at + size;
    return at;
  };
  const u32 = (at: number, value: number): void => view.setUint32(at, value >>> 0, abi.littleEndian);
  const long = (at: number, value: bigint): void => {
    if (w === 8) view.setBigUint64(at, BigInt.asUintN(64, value), abi.littleEndian);
    else u32(at, Number(BigInt.asUintN(32, value)));
  };
  const pointer = (at: number, place: number): void => long(at, address + BigInt(place));
  const text = (value: string): number => {
    const at = reserve(value.length + 1, 1);
    bytes.write(`${value}\0`, at, "latin1");
    return at;
  };
  const symbol = (name: string, type: string, place: number): void => {
    symbols.push({ name, type, address: address + BigInt(place) });
  };
  const words = (places: readonly number[]): number => {
    const at = reserve(places.length * w);
    places.forEach((place, i) => {
      pointer(at + i * w, place);
    });
    return at;
  };

  text(`Linux version ${spec.release} (somebody@somewhere) (a compiler) #1 SMP`);
  text("Linux version %s (%s) %s");
  if (spec.recordsMemory) text("syscall_user_buf_size");
  const calls: number[] = [];
  const maps: number[] = [];
  const gap = (spec.gap ?? 0) * w;
  const extra = gap + (spec.filter ? w : 0);
  const call = (
    klass: number,
    name: number,
    fixedId: number,
    printFmt: number,
    data: number,
    flags: number,
  ): number => {
    const at = reserve(13 * w + gap);
    pointer(at + 2 * w, klass);
    pointer(at + 3 * w, name);
    u32(at + 6 * w, fixedId);
    if (printFmt > 0) pointer(at + 8 * w + gap, printFmt);
    if (data > 0) pointer(at + 10 * w + extra, data);
    u32(at + 11 * w + extra, flags);
    return at;
  };
  const classOf = (system: number, fields: number): number => {
    const at = reserve(10 * w);
    pointer(at, system);
    pointer(at + 4 * w, fields);
    return at;
  };
  const ownFlag = spec.filter ? 8 : 4;
  for (const event of spec.events) {
    const system = text(event.system);
    const entry = Math.ceil((2 * w + 20) / w) * w;
    const fields = reserve((event.fields.length + 1) * entry);
    event.fields.forEach(([type, name, size, signed, len], i) => {
      const at = fields + i * entry;
      pointer(at, text(type));
      pointer(at + w, text(name));
      u32(at + 2 * w, size);
      u32(at + 2 * w + 4, Math.min(size, w));
      u32(at + 2 * w + 8, signed ? (abi.littleEndian ? 1 : 0x80000000) : 0);
      u32(at + 2 * w + 16, len ?? 0);
    });
    const name = text(event.name);
    const named = event.fixedId === undefined ? words([name]) : name;
    const flags = event.fixedId === undefined ? (spec.filter ? 0x10 : 8) : ownFlag;
    calls.push(call(classOf(system, fields), named, event.fixedId ?? 0, text(event.printFmt), 0, flags));
    for (const [enumName, value] of event.enums ?? []) {
      const at = reserve(3 * w);
      pointer(at, system);
      pointer(at + w, text(enumName));
      long(at + 2 * w, value);
      maps.push(at);
    }
  }
  const functions: number[] = [];
  const missing = reserve(16, 16);
  symbol("__x64_sys_ni_syscall", "T", missing);
  for (const syscall of spec.syscalls) {
    if (syscall === undefined) {
      functions.push(missing);
      continue;
    }
    const code = reserve(16, 16);
    functions.push(code);
    symbol(`__x64_sys_${syscall.name}`, "T", code);
    const system = text("syscalls");
    const klass = classOf(system, reserve(w));
    const types = words(syscall.args.map(([type]) => text(type)));
    const names = words(syscall.args.map(([, name]) => text(name)));
    const metadata = reserve(9 * w);
    const enter = call(klass, text(`sys_enter_${syscall.name}`), 0, 0, metadata, spec.filter ? 2 : 1);
    const exit = call(klass, text(`sys_exit_${syscall.name}`), 0, 0, metadata, spec.filter ? 2 : 1);
    calls.push(exit, enter);
    pointer(metadata, text(`sys_${syscall.name}`));
    u32(metadata + w, 0xffffffff);
    const count = syscall.args.length;
    if (spec.recordsMemory) bytes[metadata + w + 4] = abi.littleEndian ? count : count << 1;
    else u32(metadata + w + 4, count);
    const at = Math.ceil((metadata + w + 8) / w) * w;
    pointer(at, types);
    pointer(at + w, names);
    pointer(at + 4 * w, enter);
    pointer(at + 5 * w, exit);
  }
  const table = words(calls);
  symbol("__start_ftrace_events", "D", table);
  symbol("__stop_ftrace_events", "D", table + calls.length * w);
  const mapTable = words(maps);
  symbol("__start_ftrace_eval_maps", "D", mapTable);
  symbol("__stop_ftrace_eval_maps", "D", mapTable + maps.length * w);
  const callTable = words(functions);
  symbol("sys_call_table", "D", callTable);
  symbol("behind_sys_call_table", "D", callTable + functions.length * w);
  const strings = words([text("a format\n")]);
  symbol("__start___trace_bprintk_fmt", "D", strings);
  symbol("__stop___trace_bprintk_fmt", "D", strings + w);
  text("a variable");
  symbol("__start_rodata", "R", reserve(0, 16));
  text("a constant");
  text("\x01\x02\x03\x04binary");
  for (const [name, constant] of Object.entries(spec.constants ?? {})) {
    const at = reserve(constant.length);
    bytes.write(constant, at, "latin1");
    symbol(name, "d", at);
  }
  symbol("__end_rodata", "R", reserve(0, 1));
  if (spec.btf !== undefined) {
    const btf = reserve(spec.btf.length);
    bytes.set(spec.btf, btf);
    symbol("__start_BTF", "R", btf);
  }
  for (const [name, size] of Object.entries(spec.room ?? {})) symbol(name, "B", reserve(size));
  symbol("_end", "B", SIZE);
  symbol("_text", "T", ELF_HEADER);
  symbol("_stext", "T", ELF_HEADER);
  const note = reserve(36, 4);
  u32(note, 4);
  u32(note + 4, 20);
  u32(note + 8, 3);
  bytes.write("GNU\0", note + 12, "latin1");
  bytes.fill(spec.buildByte ?? 0xab, note + 16, note + 36);
  symbol("__start_notes", "R", note);
  symbol("__stop_notes", "R", note + 36);
  for (let i = 0; i < 300; i++) symbol(`filler_${i}`, "t", ELF_HEADER + i * 4);
  if (spec.offsets === "absolute-percpu") symbols.push({ name: "fixed_percpu_data", type: "A", address: 0n });

  symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  kallsyms(spec, symbols, bytes, u32, long, reserve);
  elfHeader(spec, bytes, view, end);
  const digits = w * 2;
  return {
    elf: new Uint8Array(bytes.subarray(0, end)),
    kallsyms: symbols.map((s) => `${s.address.toString(16).padStart(digits, "0")} ${s.type} ${s.name}\n`).join(""),
  };
}

function kallsyms(
  { abi, address, offsets }: KernelSpec,
  symbols: readonly { name: string; type: string; address: bigint }[],
  bytes: Buffer,
  u32: (at: number, value: number) => void,
  long: (at: number, value: bigint) => void,
  reserve: (size: number, alignment?: number) => number,
): void {
  const w = abi.longSize;
  const align = offsets === "self" ? 4 : w;
  u32(reserve(4, align), symbols.length);
  const start = reserve(
    symbols.reduce((sum, { name }) => sum + name.length + 2, 0),
    align,
  );
  const markers: number[] = [];
  let at = start;
  symbols.forEach(({ name, type }, i) => {
    if (i % 256 === 0) markers.push(at - start);
    bytes[at++] = name.length + 1;
    bytes.write(type + name, at, "latin1");
    at += name.length + 1;
  });
  const markersAt = reserve(markers.length * 4, align);
  markers.forEach((marker, i) => {
    u32(markersAt + i * 4, marker);
  });
  // A token a character; those that no name has are some piece of one.
  const tokens = Array.from({ length: 256 }, (_, i) => (i > 32 && i < 127 ? String.fromCharCode(i) : "_sys"));
  const index: number[] = [];
  let table = "";
  for (const token of tokens) {
    index.push(table.length);
    table += `${token}\0`;
  }
  bytes.write(table, reserve(table.length, align), "latin1");
  const indexAt = reserve(512, align);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  index.forEach((value, i) => {
    view.setUint16(indexAt + 2 * i, value, abi.littleEndian);
  });
  const offsetsAt = reserve(symbols.length * 4, align);
  symbols.forEach((symbol, i) => {
    const from = {
      base: address,
      self: address + BigInt(offsetsAt + 4 * i),
      "absolute-percpu": 0n,
    }[offsets];
    const value =
      offsets === "absolute-percpu" && symbol.address >= address
        ? address - 1n - symbol.address
        : symbol.address - from;
    u32(offsetsAt + 4 * i, Number(BigInt.asUintN(32, value)));
  });
  if (offsets !== "self") long(reserve(w), address);
}

function elfHeader({ abi, address }: KernelSpec, bytes: Buffer, view: DataView, size: number): void {
  const wide = abi.longSize === 8;
  const le = abi.littleEndian;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, le ? 1 : 2, 1]);
  view.setUint16(16, 2, le);
  view.setUint16(18, wide ? (le ? 62 : 22) : le ? 40 : 20, le);
  const long = (at: number, value: bigint): void => {
    if (wide) view.setBigUint64(at, value, le);
    else view.setUint32(at, Number(value), le);
  };
  const headers = wide ? 64 : 52;
  long(wide ? 32 : 28, BigInt(headers));
  view.setUint16(wide ? 54 : 42, wide ? 56 : 32, le);
  view.setUint16(wide ? 56 : 44, 1, le);
  view.setUint32(headers, 1, le);
  if (wide) {
    long(headers + 16, address);
    long(headers + 32, BigInt(size));
    long(headers + 40, BigInt(size));
  } else {
    long(headers + 8, address);
    long(headers + 16, BigInt(size));
    long(headers + 20, BigInt(size));
  }
}
