import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { MIN_SUBBUF_SIZE } from "../ground/limits.js";
import type { Source } from "../input/source.js";
import { SubbufReader } from "../ring/subbuf.js";
import { ABIS } from "./detect.js";

/** Signatures of what people mistake for an image, with what to do about it. */
const KNOWN: readonly { readonly at: number; readonly bytes: readonly number[]; readonly what: string }[] = [
  {
    at: 0,
    bytes: [0x7f, 0x45, 0x4c, 0x46],
    what: "an ELF file, but no core: a program, a module or a kernel",
  },
  {
    at: 0,
    bytes: [0x17, 0x08, 0x44, 0x74, 0x72, 0x61, 0x63, 0x69, 0x6e, 0x67],
    what: "a trace-cmd trace.dat; `trace-cmd report` reads it",
  },
  {
    at: 0,
    bytes: [0x23, 0x20, 0x74, 0x72, 0x61, 0x63, 0x65, 0x72],
    what: "the text of a trace file, not the raw memory",
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
  if (ABIS.some((abi) => isSubbuf(start, abi)))
    return "it begins with a sub-buffer, without the area around it, as one reads them from trace_pipe_raw";
  if (source.size < 4096) return `${source.size} bytes are less than a page (they begin ${first})`;
  if (start.every((byte) => byte === 0))
    return "it begins with a page of zeros: memory that nobody wrote, or that was cleared at boot";
  if (start.every((byte) => byte === 0xff)) return "it begins with a page of 0xff: memory that could not be read";
  return `neither the magic 0x0badfeed nor a CPU's meta where one must be (it begins ${first})`;
}

/** Whether a page is a sub-buffer whose records lead to where its commit says. */
function isSubbuf(page: Uint8Array, abi: Abi): boolean {
  const { header, damage, events } = new SubbufReader(abi, MIN_SUBBUF_SIZE).scan(new Bytes(page, abi));
  return damage === undefined && events > 0 && header.timeStamp > 0n;
}
