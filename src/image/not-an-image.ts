import type { Source } from "../input/source.js";

/** Signatures of what people mistake for an image, with what to do about it. */
const KNOWN: readonly { readonly at: number; readonly bytes: readonly number[]; readonly what: string }[] = [
  {
    at: 0,
    bytes: [0x7f, 0x45, 0x4c, 0x46],
    what: "an ELF file (a vmcore or an executable); extract the reserved range from it first",
  },
  {
    at: 0,
    bytes: [0x17, 0x08, 0x44, 0x74, 0x72, 0x61, 0x63, 0x69, 0x6e, 0x67],
    what: "a trace-cmd trace.dat; `trace-cmd report` reads it",
  },
  {
    at: 0,
    bytes: [0x4b, 0x44, 0x55, 0x4d, 0x50],
    what: "a compressed kdump; extract the reserved range from it first",
  },
  { at: 0, bytes: [0x45, 0x4d, 0x69, 0x4c], what: "a LiME memory dump; extract the reserved range from it first" },
  {
    at: 0,
    bytes: [0x23, 0x20, 0x74, 0x72, 0x61, 0x63, 0x65, 0x72],
    what: "the text of a trace file, not the raw memory",
  },
  {
    at: 0,
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    what: "an xz file; decompress it first (`xz -dc FILE | rbtool inspect`)",
  },
  { at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72], what: "a tar archive; take the image out first" },
  { at: 0, bytes: [0x50, 0x4b, 3, 4], what: "a zip archive; take the image out first" },
];

/** Says what lies at the start of an input that is no image. */
export function describeBytes(source: Source): string {
  if (source.size === 0) return "the input is empty";
  const start = source.read(0, 4096);
  const known = KNOWN.find(({ at, bytes }) => bytes.every((byte, i) => start[at + i] === byte));
  if (known) return `this is ${known.what}`;
  const first = [...start.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (source.size < 4096) return `${source.size} bytes are less than a page (they begin ${first})`;
  if (start.every((byte) => byte === 0))
    return "it begins with a page of zeros: memory that nobody wrote, or that was cleared at boot";
  if (start.every((byte) => byte === 0xff)) return "it begins with a page of 0xff: memory that could not be read";
  return `neither the magic 0x0badfeed nor a CPU's meta where one must be (it begins ${first})`;
}
