import type { Abi } from "../ground/abi.js";
import type { Release } from "../ground/release.js";
import type { Btf } from "../system/btf.js";
import { type CType, intType, VOID } from "../system/formats/ctype.js";
import type { KernelTypes } from "../system/kernel-types.js";
import { knownStruct } from "./known-structs.js";

/** Where a member lies in its struct, and what it is. */
export interface StructMember {
  /** From the struct's start, as memory is read: of a bit field, that of its lowest bit in a little-endian word. */
  readonly offset: number;
  readonly type: CType;
  /** An array's bytes; its type is the element's. */
  readonly array: number | undefined;
  /** Of a bit field in a word at `offset`: how far it is shifted, and its width. */
  readonly bits: { readonly shift: number; readonly width: number } | undefined;
}

/** The structs that format files name but do not describe: from the writer's BTF, else those that are known here. */
export class StructLayouts {
  constructor(
    private readonly types: KernelTypes | undefined,
    private readonly abi: Abi,
    private readonly release: Release,
  ) {}

  size(name: string): number | undefined {
    const found = this.find(name);
    return found === undefined ? knownStruct(name, this.release)?.size : found.type.size;
  }

  member(struct: string, name: string): StructMember | undefined {
    const found = this.find(struct);
    if (found === undefined) {
      const known = knownStruct(struct, this.release)?.members.get(name);
      if (known === undefined) return undefined;
      const { offset, type, array, bits } = known;
      return { offset, type, array, bits: bits && this.bits(bits.shift, bits.width, type) };
    }
    const { btf, type } = found;
    const member = btf.member(type.id, name);
    if (member === undefined) return undefined;
    const of = ctypeOf(btf, member.type, this.abi);
    if (member.bitSize === 0 || of.type.kind !== "int")
      return { offset: member.bitOffset >> 3, ...of, bits: undefined };
    const unit = of.type.size * 8;
    const first = member.bitOffset - (member.bitOffset % unit);
    const shift = member.bitOffset - first;
    const fromLow = this.abi.littleEndian ? shift : unit - shift - member.bitSize;
    return { offset: first >> 3, ...of, bits: { shift: fromLow, width: member.bitSize } };
  }

  /** Bit fields of the known structs are written from the first declared; big-endian machines fill from the top. */
  private bits(shift: number, width: number, type: CType): { shift: number; width: number } {
    const unit = type.kind === "int" ? type.size * 8 : 32;
    return { shift: this.abi.littleEndian ? shift : unit - shift - width, width };
  }

  private find(name: string): ReturnType<KernelTypes["find"]> {
    return this.types?.find(name, "struct") ?? this.types?.find(name, "union");
  }
}

/** A type of BTF as a C type; an array as its element and its bytes. */
function ctypeOf(btf: Btf, id: number, abi: Abi): { type: CType; array: number | undefined } {
  const type = btf.strip(id);
  const whole = (t: CType) => ({ type: t, array: undefined });
  switch (type?.kind) {
    case "int":
    case "enum":
    case "enum64":
      return type.size === 1 || type.size === 2 || type.size === 4 || type.size === 8
        ? whole(intType(type.size, type.signed))
        : whole(VOID);
    case "ptr": {
      const to = btf.strip(type.type);
      return whole({
        kind: "ptr",
        to: to?.kind === "ptr" ? { kind: "ptr", to: VOID } : ctypeOf(btf, type.type, abi).type,
      });
    }
    case "struct":
    case "union":
      return whole({ kind: "struct", name: type.name, size: type.size });
    case "array":
      return { type: ctypeOf(btf, type.type, abi).type, array: btf.sizeOf(id, abi.longSize) };
  }
  return whole(VOID);
}
