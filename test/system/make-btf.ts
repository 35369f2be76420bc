import type { Abi } from "../../src/ground/abi.js";
import { layoutOf, type StructTable } from "../../src/ring/structs.js";

/** Writes BTF for tests: types in the order they are added, numbered from 1 (or from the base's end). */
export class BtfMaker {
  private readonly parts: number[][] = [];
  private strings = "\0";
  private count = 0;

  constructor(
    private readonly littleEndian: boolean,
    private readonly base?: BtfMaker,
  ) {}

  private get firstString(): number {
    return this.base === undefined ? 0 : this.base.firstString + this.base.strings.length;
  }

  get end(): number {
    return (this.base?.end ?? 1) + this.count;
  }

  private string(text: string): number {
    if (text === "") return 0;
    const at = this.firstString + this.strings.length;
    this.strings += `${text}\0`;
    return at;
  }

  /** Adds a type; its id. */
  add(kind: number, name: string, third: number, entries: readonly (readonly (number | string)[])[] = [], flag = 0) {
    const id = this.end;
    const words = [
      this.string(name),
      ((flag << 31) | (kind << 24) | (kind === 1 || kind === 3 ? 0 : entries.length)) >>> 0,
      third,
    ];
    for (const entry of entries)
      for (const word of entry) words.push(typeof word === "string" ? this.string(word) : word);
    this.parts.push(words);
    this.count++;
    return id;
  }

  bytes(): Uint8Array {
    const types = this.parts.flat();
    const out = new Uint8Array(24 + types.length * 4 + this.strings.length);
    const view = new DataView(out.buffer);
    const le = this.littleEndian;
    view.setUint16(0, 0xeb9f, le);
    out[2] = 1;
    [24, 0, types.length * 4, types.length * 4, this.strings.length].forEach((word, i) => {
      view.setUint32(4 + i * 4, word, le);
    });
    types.forEach((word, i) => {
      view.setUint32(24 + i * 4, word >>> 0, le);
    });
    out.set(Buffer.from(this.strings, "latin1"), 24 + types.length * 4);
    return out;
  }
}

export const INT = 1;
export const PTR = 2;
export const ARRAY = 3;
export const STRUCT = 4;
export const UNION = 5;
export const ENUM = 6;
export const TYPEDEF = 8;
export const CONST = 10;
export const FUNC = 12;
export const FUNC_PROTO = 13;
export const ENUM64 = 19;

/** A kernel's BTF with one of each, and a module's that goes on from it. */
export function sampleBtf(littleEndian = true): { kernel: Uint8Array; module: Uint8Array } {
  const k = new BtfMaker(littleEndian);
  const int = k.add(INT, "int", 4, [[0x01000020]]);
  const pointer = k.add(PTR, "", int);
  const array = k.add(ARRAY, "", 0, [[int, int, 5]]);
  const anonymous = k.add(UNION, "", 8, [
    ["low", int, 0],
    ["high", int, 32],
  ]);
  const outer = k.add(
    STRUCT,
    "outer",
    40,
    [
      ["first", int, 0],
      ["", anonymous, 64],
      ["bits", int, (3 << 24) | 133],
      ["where", pointer, 192],
    ],
    1,
  );
  k.add(TYPEDEF, "outer_t", k.add(CONST, "", outer));
  k.add(
    ENUM,
    "state",
    4,
    [
      ["RUNNING", 0],
      ["BROKEN", 0xffffffff],
      ["SHARED", 3],
    ],
    1,
  );
  k.add(ENUM64, "wide", 8, [["HUGE", 5, 0x80000000]]);
  const proto = k.add(FUNC_PROTO, "", int, [
    ["count", int],
    ["list", array],
    ["", 0],
  ]);
  k.add(FUNC, "do_it", proto);
  const m = new BtfMaker(littleEndian, k);
  m.add(ENUM, "other", 4, [
    ["SHARED", 4],
    ["ONLY_HERE", 7],
  ]);
  m.add(STRUCT, "inner", 40, [["base", outer, 0]]);
  m.add(FUNC, "do_more", m.add(FUNC_PROTO, "", 0, [["what", outer]]));
  return { kernel: k.bytes(), module: m.bytes() };
}

/** The structs that describe events, as they are with words more in front of print_fmt, or with a filter word behind it. */
export function eventBtf(littleEndian: boolean, gap = 0, filter = false): Uint8Array {
  const k = new BtfMaker(littleEndian);
  const int = k.add(INT, "int", 4, [[0x01000020]]);
  const text = k.add(PTR, "", 0);
  const bits = (words: number): number => words * 64;
  const event = k.add(STRUCT, "trace_event", 32, [["type", int, 128]]);
  const named = k.add(UNION, "", 8, [
    ["name", text, 0],
    ["tp", text, 0],
  ]);
  const data = 10 + gap + (filter ? 1 : 0);
  k.add(STRUCT, "trace_event_call", (data + 3) * 8, [
    ["class", text, bits(2)],
    ["", named, bits(3)],
    ["event", event, bits(4)],
    ["print_fmt", text, bits(8 + gap)],
    ["data", text, bits(data)],
    ["flags", int, bits(data + 1)],
  ]);
  k.add(STRUCT, "trace_event_class", 80, [
    ["system", text, 0],
    ["fields_array", text, bits(4)],
  ]);
  const described = k.add(
    STRUCT,
    "",
    32,
    [
      ["name", text, 0],
      ["size", int, 64],
      ["align", int, 96],
      ["is_signed", int, (1 << 24) | 128],
      ["len", int, 192],
    ],
    1,
  );
  const either = k.add(UNION, "", 32, [["", described, 0]]);
  k.add(STRUCT, "trace_event_fields", 40, [
    ["type", text, 0],
    ["", either, 64],
  ]);
  k.add(STRUCT, "syscall_metadata", 64, [
    ["name", text, 0],
    ["nb_args", int, 96],
    ["types", text, 128],
    ["args", text, 192],
    ["enter_event", text, 384],
    ["exit_event", text, 448],
  ]);
  k.add(ENUM, "", 4, [["TRACE_EVENT_FL_TRACEPOINT", filter ? 16 : 8]]);
  k.add(ENUM, "trace_type", 4, [["__TRACE_LAST_TYPE", 30]]);
  return k.bytes();
}

/** The structs of the persistent buffer, by their tables. */
export function ringBtf(tables: readonly StructTable[], abi: Abi = { littleEndian: true, longSize: 8 }): Uint8Array {
  const k = new BtfMaker(abi.littleEndian);
  const long = k.add(INT, "long unsigned int", abi.longSize, [[abi.longSize * 8]]);
  const types = {
    long,
    u64: k.add(INT, "long long unsigned int", 8, [[64]]),
    u32: k.add(INT, "unsigned int", 4, [[32]]),
    int: k.add(INT, "int", 4, [[0x01000020]]),
  };
  const rest = k.add(ARRAY, "", 0, [[types.int, types.int, 0]]);
  for (const table of tables) {
    const { offsets, size } = layoutOf(table, abi);
    const members = Object.entries(table.fields).map(([name, { type }]) => [
      name,
      types[type],
      (offsets as Record<string, number>)[name]! * 8,
    ]);
    k.add(STRUCT, table.name, size, [...members, ["buffers", rest, size * 8]]);
  }
  return k.bytes();
}
