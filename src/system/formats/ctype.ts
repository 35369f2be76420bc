import type { Abi } from "../../ground/abi.js";

/** A C type, as far as printing needs it. */
export type CType =
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean; readonly bool?: boolean }
  | { readonly kind: "ptr"; readonly to: CType }
  | { readonly kind: "struct"; readonly name: string; readonly size: number | undefined }
  | { readonly kind: "void" };

export const VOID: CType = { kind: "void" };
/** The kernel is built with -funsigned-char since 6.2. */
export const CHAR: CType = { kind: "int", size: 1, signed: false };

export function intType(size: 1 | 2 | 4 | 8, signed: boolean): CType {
  return { kind: "int", size, signed };
}

export const INT = intType(4, true);
export const UINT = intType(4, false);
export const U64 = intType(8, false);
export const CHAR_PTR: CType = { kind: "ptr", to: CHAR };

type Size = 1 | 2 | 4 | 8 | "long";

/** Typedefs that print formats cast to or that fields are declared with: [size, signed]. */
const TYPEDEFS: Readonly<Record<string, readonly [Size, boolean]>> = {
  u8: [1, false],
  __u8: [1, false],
  uint8_t: [1, false],
  u_int8_t: [1, false],
  s8: [1, true],
  __s8: [1, true],
  int8_t: [1, true],
  u16: [2, false],
  __u16: [2, false],
  uint16_t: [2, false],
  s16: [2, true],
  __s16: [2, true],
  int16_t: [2, true],
  u32: [4, false],
  __u32: [4, false],
  uint32_t: [4, false],
  s32: [4, true],
  __s32: [4, true],
  int32_t: [4, true],
  u64: [8, false],
  __u64: [8, false],
  uint64_t: [8, false],
  s64: [8, true],
  __s64: [8, true],
  int64_t: [8, true],
  __be16: [2, false],
  __le16: [2, false],
  __be32: [4, false],
  __le32: [4, false],
  __be64: [8, false],
  __le64: [8, false],
  ushort: [2, false],
  uint: [4, false],
  ulong: ["long", false],
  uintptr_t: ["long", false],
  size_t: ["long", false],
  ssize_t: ["long", true],
  ptrdiff_t: ["long", true],
  __kernel_size_t: ["long", false],
  loff_t: [8, true],
  off_t: ["long", true],
  sector_t: [8, false],
  blkcnt_t: [8, false],
  dma_addr_t: [8, false],
  phys_addr_t: [8, false],
  resource_size_t: [8, false],
  ino_t: ["long", false],
  dev_t: [4, false],
  pid_t: [4, true],
  uid_t: [4, false],
  gid_t: [4, false],
  qid_t: [4, false],
  projid_t: [4, false],
  umode_t: [2, false],
  mode_t: [4, false],
  gfp_t: [4, false],
  fmode_t: [4, false],
  blk_opf_t: [4, false],
  vm_fault_t: [4, false],
  slab_flags_t: [4, false],
  vm_flags_t: ["long", false],
  pgoff_t: ["long", false],
  time64_t: [8, true],
  time_t: ["long", true],
  ktime_t: [8, true],
  clockid_t: [4, true],
  timer_t: [4, true],
  key_t: [4, true],
  key_serial_t: [4, true],
  mqd_t: [4, true],
  __kernel_rwf_t: [4, true],
  rwf_t: [4, true],
  errseq_t: [4, false],
  tid_t: [4, false],
  access_mask_t: [4, false],
  ext4_lblk_t: [4, false],
  ext4_fsblk_t: [8, false],
  ext4_group_t: [4, false],
  isolate_mode_t: [4, false],
  pgd_t: ["long", false],
  p4d_t: ["long", false],
  pud_t: ["long", false],
  pmd_t: ["long", false],
  pte_t: ["long", false],
  pgdval_t: ["long", false],
  p4dval_t: ["long", false],
  pudval_t: ["long", false],
  pmdval_t: ["long", false],
  pteval_t: ["long", false],
  jiffies_t: ["long", false],
  cputime_t: [8, false],
  netdev_features_t: [8, false],
  aio_context_t: ["long", false],
};

/** sizeof of structs that print formats name, on the configurations met: [64-bit, 32-bit]. */
const STRUCTS: Readonly<Record<string, readonly [number, number]>> = {
  page: [64, 32],
  in_addr: [4, 4],
  in6_addr: [16, 16],
  sockaddr: [16, 16],
  sockaddr_in: [16, 16],
  sockaddr_in6: [28, 28],
};

const WORDS = new Set([
  "const",
  "volatile",
  "unsigned",
  "signed",
  "int",
  "long",
  "short",
  "char",
  "void",
  "_Bool",
  "bool",
  "__signed__",
  "static",
  "extern",
  "register",
  "restrict",
  "__restrict",
]);

/** What is known of type names beyond C's own: typedefs learnt from field declarations. */
export type TypeNames = ReadonlyMap<string, CType>;

/** True for a word that can only begin a type. */
export function isTypeWord(word: string): boolean {
  return (
    WORDS.has(word) ||
    word === "struct" ||
    word === "union" ||
    word === "enum" ||
    word === "typeof" ||
    word === "__typeof__"
  );
}

/** True for a word that names a known type. */
export function isTypeName(word: string, names: TypeNames): boolean {
  return isTypeWord(word) || Object.hasOwn(TYPEDEFS, word) || names.has(word);
}

/** The type that a list of words (no stars) names; undefined when it is none that is known. */
export function typeOfWords(words: readonly string[], abi: Abi, names: TypeNames): CType | undefined {
  let long = 0;
  let short = false;
  let signed: boolean | undefined;
  let base: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const w = words[i]!;
    switch (w) {
      case "const":
      case "volatile":
      case "static":
      case "extern":
      case "register":
      case "restrict":
      case "__restrict":
      case "__user":
      case "__rcu":
        break;
      case "long":
        long++;
        break;
      case "short":
        short = true;
        break;
      case "unsigned":
        signed = false;
        break;
      case "signed":
      case "__signed__":
        signed = true;
        break;
      case "struct":
      case "union": {
        const name = words[i + 1] ?? "";
        const sizes = Object.hasOwn(STRUCTS, name) ? STRUCTS[name] : undefined;
        return { kind: "struct", name, size: sizes?.[abi.longSize === 8 ? 0 : 1] };
      }
      case "enum":
        return UINT;
      default:
        base = w;
    }
  }
  if (base === undefined && !long && !short && signed === undefined) return undefined;
  if (base === undefined || base === "int") {
    if (short) return intType(2, signed ?? true);
    if (long >= 2) return intType(8, signed ?? true);
    if (long === 1) return intType(abi.longSize, signed ?? true);
    return intType(4, signed ?? true);
  }
  if (base === "char") return intType(1, signed ?? false);
  if (base === "void") return VOID;
  if (base === "bool" || base === "_Bool") return { kind: "int", size: 1, signed: false, bool: true };
  const known = Object.hasOwn(TYPEDEFS, base) ? TYPEDEFS[base] : undefined;
  if (known !== undefined) {
    const size = known[0] === "long" ? abi.longSize : known[0];
    return intType(size, known[1]);
  }
  return names.get(base);
}

/** sizeof; undefined when not known. */
export function sizeOf(type: CType, abi: Abi): number | undefined {
  switch (type.kind) {
    case "int":
      return type.size;
    case "ptr":
      return abi.longSize;
    case "struct":
      return type.size;
    case "void":
      return 1;
  }
}
