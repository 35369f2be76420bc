import { DecodeError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";

/** The kinds of include/uapi/linux/btf.h, by their number (BTF_KIND_*; ENUM64 is an enum whose values are wide). */
const KINDS = [
  "void",
  "int",
  "ptr",
  "array",
  "struct",
  "union",
  "enum",
  "fwd",
  "typedef",
  "volatile",
  "const",
  "restrict",
  "func",
  "func_proto",
  "var",
  "datasec",
  "float",
  "decl_tag",
  "type_tag",
  "enum64",
] as const;

export type BtfKind = (typeof KINDS)[number];

/** Bytes behind a type's head, per entry and once. */
const ENTRY: Partial<Record<BtfKind, number>> = {
  struct: 12,
  union: 12,
  enum: 8,
  enum64: 12,
  func_proto: 8,
  datasec: 12,
};
const TAIL: Partial<Record<BtfKind, number>> = { int: 4, array: 12, var: 4, decl_tag: 4 };

/** Kinds whose third word is a size; the others' is a type. */
const SIZED: ReadonlySet<BtfKind> = new Set(["int", "struct", "union", "enum", "enum64", "datasec", "float"]);
/** Names of one type: what strip() goes through. */
const TRANSPARENT: ReadonlySet<BtfKind> = new Set(["typedef", "volatile", "const", "restrict", "type_tag"]);

const NONE: ReadonlySet<bigint> = new Set();
export const BTF_MAGIC = 0xeb9f;
const HEAD = 12;
/** Typedefs and qualifiers around one type, dimensions of an array, anonymous structs of one struct. */
const MAX_DEPTH = 32;

/** Whether a file begins like one. */
export function isBtf(bytes: Uint8Array): boolean {
  const [first, second, version] = bytes;
  return version === 1 && ((first === 0x9f && second === 0xeb) || (first === 0xeb && second === 0x9f));
}

/** The head of a type. */
export interface BtfType {
  readonly id: number;
  readonly kind: BtfKind;
  /** "" when it has none. One character a byte. */
  readonly name: string;
  /** Bytes; 0 for what has no size of its own. */
  readonly size: number;
  /** The type that this one refers to: a pointer's target, a function's prototype, a prototype's return; 0 is void. */
  readonly type: number;
  /** Of an enum: whether its values are signed. Of an int: whether it is. */
  readonly signed: boolean;
}

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  /** From the struct's start. On a big-endian machine bit 0 of a bit field is its word's highest. */
  readonly bitOffset: number;
  /** Of a bit field; 0 for all others. */
  readonly bitSize: number;
}

export interface BtfParameter {
  /** "" of an unnamed one; a variadic function's last has no name and the type 0. */
  readonly name: string;
  readonly type: number;
}

/**
 * The type information of a kernel (/sys/kernel/btf/vmlinux, section .BTF), or of one of its modules, whose types and
 * strings go on where the kernel's end (Documentation/bpf/btf.rst, 6.12 to 7.3). Nothing is believed: what points
 * outside is not there. The types are indexed once; each is decoded when it is asked for.
 */
export class Btf {
  private readonly u8: Uint8Array;
  private readonly view: DataView;
  /** Of the machine that it is of. */
  readonly littleEndian: boolean;
  private readonly offsets: number[] = [];
  private readonly strings: number;
  private readonly stringsEnd: number;
  private readonly firstString: number;
  /** The id of the first type that is its own. */
  readonly first: number;
  private named: Map<string, number[]> | undefined;
  private values: Map<string, Set<bigint>> | undefined;

  /**
   * @param base the kernel's, for a module's
   * @throws DecodeError when this is no BTF
   */
  constructor(
    bytes: Uint8Array,
    readonly base?: Btf,
  ) {
    this.u8 = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < 24) throw new DecodeError("truncated", 0, 24, bytes.length);
    this.littleEndian = this.view.getUint16(0, true) === BTF_MAGIC;
    if (!this.littleEndian && this.view.getUint16(0, false) !== BTF_MAGIC)
      throw new DecodeError("bad-value", 0, BTF_MAGIC, this.view.getUint16(0, true));
    const header = this.u32(4);
    const types = header + this.u32(8);
    const typesEnd = Math.min(types + this.u32(12), bytes.length);
    this.strings = Math.min(header + this.u32(16), bytes.length);
    this.stringsEnd = Math.min(this.strings + this.u32(20), bytes.length);
    this.first = base === undefined ? 1 : base.end;
    this.firstString = base === undefined ? 0 : base.stringBytes;
    for (let at = types; at + HEAD <= typesEnd; ) {
      const kind = KINDS[(this.u32(at + 4) >>> 24) & 31];
      if (kind === undefined || kind === "void") break;
      const size = HEAD + (TAIL[kind] ?? 0) + (ENTRY[kind] ?? 0) * (this.u32(at + 4) & 0xffff);
      if (at + size > typesEnd) break;
      this.offsets.push(at);
      at += size;
    }
  }

  /** The id behind the last type. */
  get end(): number {
    return this.first + this.offsets.length;
  }

  private get stringBytes(): number {
    return this.firstString + this.stringsEnd - this.strings;
  }

  private u32(at: number): number {
    return this.view.getUint32(at, this.littleEndian);
  }

  private string(offset: number): string {
    if (offset < this.firstString) return this.base!.string(offset);
    const at = this.strings + offset - this.firstString;
    if (at >= this.stringsEnd) return "";
    let end = this.u8.indexOf(0, at);
    if (end < 0 || end > this.stringsEnd) end = this.stringsEnd;
    return latin1(this.u8.subarray(at, end));
  }

  /** Where a type of its own lies; undefined for void, for types of the base and for ids that do not exist. */
  private at(id: number): number | undefined {
    return this.offsets[id - this.first];
  }

  /** A type; undefined for void (0) and for what does not exist. */
  type(id: number): BtfType | undefined {
    if (id < this.first) return this.base?.type(id);
    const at = this.at(id);
    if (at === undefined) return undefined;
    const info = this.u32(at + 4);
    const kind = KINDS[(info >>> 24) & 31]!;
    const third = this.u32(at + 8);
    const sized = SIZED.has(kind);
    return {
      id,
      kind,
      name: this.string(this.u32(at)),
      size: sized ? third : 0,
      type: sized ? 0 : kind === "array" ? this.u32(at + HEAD) : third,
      signed:
        kind === "int"
          ? ((this.u32(at + HEAD) >>> 24) & 1) === 1
          : (kind === "enum" || kind === "enum64") && info >>> 31 === 1,
    };
  }

  /** The type behind typedefs and qualifiers. */
  strip(id: number): BtfType | undefined {
    let type = this.type(id);
    for (let i = 0; i < MAX_DEPTH && type !== undefined && TRANSPARENT.has(type.kind); i++) type = this.type(type.type);
    return type;
  }

  /** The entries behind a type's head: where each lies. */
  private entries(id: number, kinds: readonly BtfKind[]): { btf: Btf; kind: BtfKind; info: number; at: number[] } {
    if (id < this.first && this.base !== undefined) return this.base.entries(id, kinds);
    const at = this.at(id);
    const info = at === undefined ? 0 : this.u32(at + 4);
    const kind = at === undefined ? "void" : KINDS[(info >>> 24) & 31]!;
    if (at === undefined || !kinds.includes(kind)) return { btf: this, kind, info, at: [] };
    const each = ENTRY[kind]!;
    return { btf: this, kind, info, at: Array.from({ length: info & 0xffff }, (_, i) => at + HEAD + i * each) };
  }

  /** Members of a struct or union, those without a name too. */
  members(id: number): BtfMember[] {
    const { btf, info, at } = this.entries(id, ["struct", "union"]);
    return at.map((p) => {
      const place = btf.u32(p + 8);
      const bits = info >>> 31 === 1;
      return {
        name: btf.string(btf.u32(p)),
        type: btf.u32(p + 4),
        bitOffset: bits ? place & 0xffffff : place,
        bitSize: bits ? place >>> 24 : 0,
      };
    });
  }

  /** A member by name, also one of an anonymous struct or union inside; its offset counts from the outermost. */
  member(id: number, name: string, seen = new Set<number>()): BtfMember | undefined {
    seen.add(id);
    const members = this.members(id);
    const own = members.find((m) => m.name === name);
    if (own !== undefined || seen.size > MAX_DEPTH) return own;
    for (const outer of members) {
      if (outer.name !== "") continue;
      const inner = this.strip(outer.type);
      if (inner === undefined || (inner.kind !== "struct" && inner.kind !== "union") || seen.has(inner.id)) continue;
      const found = this.member(inner.id, name, seen);
      if (found !== undefined) return { ...found, bitOffset: found.bitOffset + outer.bitOffset };
    }
    return undefined;
  }

  /** The names and values of an enum. */
  enumerators(id: number): { name: string; value: bigint }[] {
    const { btf, kind, info, at } = this.entries(id, ["enum", "enum64"]);
    const signed = info >>> 31 === 1;
    return at.map((p) => {
      const low = BigInt(btf.u32(p + 4));
      const wide = kind === "enum64" ? (BigInt(btf.u32(p + 8)) << 32n) | low : low;
      return { name: btf.string(btf.u32(p)), value: signed ? BigInt.asIntN(kind === "enum64" ? 64 : 32, wide) : wide };
    });
  }

  /** The parameters of a function or a prototype. */
  parameters(id: number): BtfParameter[] {
    const type = this.type(id);
    const proto = type?.kind === "func" ? type.type : id;
    const { btf, at } = this.entries(proto, ["func_proto"]);
    return at.map((p) => ({ name: btf.string(btf.u32(p)), type: btf.u32(p + 4) }));
  }

  /** The number of elements of an array; its `type` is the element's. */
  elements(id: number): number {
    if (id < this.first && this.base !== undefined) return this.base.elements(id);
    const at = this.at(id);
    return at !== undefined && this.type(id)?.kind === "array" ? this.u32(at + HEAD + 8) : 0;
  }

  /** Bytes of a value of this type, when it has any. @param longSize of the machine: BTF does not say it */
  sizeOf(id: number, longSize: 4 | 8, depth = 0): number | undefined {
    const type = this.strip(id);
    switch (type?.kind) {
      case "ptr":
        return longSize;
      case "array": {
        const each = depth < MAX_DEPTH ? this.sizeOf(type.type, longSize, depth + 1) : undefined;
        return each === undefined ? undefined : each * this.elements(type.id);
      }
      case "int":
      case "struct":
      case "union":
      case "enum":
      case "enum64":
      case "float":
        return type.size;
    }
    return undefined;
  }

  /** The first type of this name and kind that is not the base's. */
  findOwn(name: string, kind: BtfKind): BtfType | undefined {
    this.named ??= this.nameIndex();
    for (const id of this.named.get(name) ?? []) {
      const type = this.type(id);
      if (type?.kind === kind) return type;
    }
    return undefined;
  }

  /** The first own type of this name and kind, for who asks a few times: without an index of all names. */
  findOnce(name: string, kind: BtfKind): BtfType | undefined {
    for (const offset of this.offsetsOfString(name))
      for (let i = 0; i < this.offsets.length; i++) {
        if (this.u32(this.offsets[i]!) !== offset) continue;
        const type = this.type(this.first + i);
        if (type?.kind === kind) return type;
      }
    return undefined;
  }

  /** The value of the first own enumerator of this name, likewise. */
  enumerator(name: string): bigint | undefined {
    for (const offset of this.offsetsOfString(name))
      for (let i = 0; i < this.offsets.length; i++) {
        const at = this.offsets[i]!;
        const info = this.u32(at + 4);
        const kind = KINDS[(info >>> 24) & 31]!;
        if (kind !== "enum" && kind !== "enum64") continue;
        for (let n = info & 0xffff, p = at + HEAD; n > 0; n--, p += ENTRY[kind]!)
          if (this.u32(p) === offset) return this.enumerators(this.first + i).find((e) => e.name === name)?.value;
      }
    return undefined;
  }

  /** Where a whole string stands among its own. */
  private *offsetsOfString(text: string): Generator<number> {
    const strings = Buffer.from(this.u8.buffer, this.u8.byteOffset + this.strings, this.stringsEnd - this.strings);
    const pattern = Buffer.from(`\0${text}\0`, "latin1");
    for (let at = strings.indexOf(pattern); at >= 0; at = strings.indexOf(pattern, at + 1))
      yield this.firstString + at + 1;
  }

  /** The same as findOwn(), the base's where it has none of its own. */
  find(name: string, kind: BtfKind): BtfType | undefined {
    return this.findOwn(name, kind) ?? this.base?.find(name, kind);
  }

  private nameIndex(): Map<string, number[]> {
    const index = new Map<string, number[]>();
    for (let i = 0; i < this.offsets.length; i++) {
      const name = this.u32(this.offsets[i]!);
      if (name === 0) continue;
      const text = this.string(name);
      const there = index.get(text);
      if (there === undefined) index.set(text, [this.first + i]);
      else there.push(this.first + i);
    }
    return index;
  }

  /** The values that enums of its own give to a name: more than one where different enums share it. */
  enumeratorValues(name: string): ReadonlySet<bigint> {
    this.values ??= this.valueIndex();
    return this.values.get(name) ?? NONE;
  }

  private valueIndex(): Map<string, Set<bigint>> {
    const index = new Map<string, Set<bigint>>();
    for (let id = this.first; id < this.end; id++) {
      for (const { name, value } of this.enumerators(id)) {
        const there = index.get(name);
        if (there === undefined) index.set(name, new Set([value]));
        else there.add(value);
      }
    }
    return index;
  }
}
