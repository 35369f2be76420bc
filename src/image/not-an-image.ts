import { Bytes } from "../ground/bytes.js";
import { latin1 } from "../ground/latin1.js";
import { MIN_SUBBUF_SIZE } from "../ground/limits.js";
import { pluralVerb } from "../ground/plural.js";
import type { Source } from "../input/source.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import { ABIS } from "./detect/layout-kinds.js";
import { describeText } from "./text-form.js";

const startsWithOneOf = (what: string, ...starts: readonly string[]) => starts.map((bytes) => ({ at: 0, bytes, what }));

/** Signatures of what people mistake for an image, with what to do about it. */
const KNOWN: readonly { readonly at: number; readonly bytes: string; readonly what: string }[] = [
  { at: 0, bytes: "\x7fELF", what: "an ELF file, but not a core: a program, a module or a kernel" },
  { at: 0, bytes: "\x17\x08\x44tracing", what: "a trace-cmd trace.dat: `trace-cmd report` reads it" },
  { at: 0, bytes: "PERFILE2", what: "a perf.data: `perf script` reads it" },
  { at: 0, bytes: "# tracer", what: "the text of a trace file, not the raw memory" },
  { at: 257, bytes: "ustar", what: "a tar archive: take the image out first" },
  { at: 0, bytes: "PK\x03\x04", what: "a zip archive: take the image out first" },
  { at: 0, bytes: "7z\xbc\xaf\x27\x1c", what: "a 7z archive: take the image out first" },
  { at: 0, bytes: "BZh", what: "a bzip2 file: `bunzip2` it first" },
  { at: 0, bytes: "\x04\x22\x4d\x18", what: "an lz4 file: `unlz4` it first" },
  { at: 0, bytes: "\x89LZO", what: "an lzop file: `lzop -d` it first" },
  {
    at: 0,
    bytes: "!<arch>\n",
    what: "a package (.deb) or another ar archive: it may tell of a kernel, and holds no trace",
  },
  { at: 0, bytes: "\xed\xab\xee\xdb", what: "a package (.rpm): it may tell of a kernel, and holds no trace" },
  { at: 0, bytes: "\x9f\xeb\x01", what: "a kernel's types (BTF), in which there is no trace" },
  { at: 0, bytes: "PAR1", what: "a Parquet file: `rbtool sql` queries it" },
  { at: 0, bytes: "QFI\xfb", what: "a qcow2 disk image, which does not hold the memory itself" },
  { at: 514, bytes: "HdrS", what: "a Linux boot image: it holds a kernel, not a trace buffer" },
  // The magic's bytes, in either order, as text: ed fe ad 0b and 0b ad fe ed.
  ...startsWithOneOf(
    "an image that a program took for text and wrote as UTF-8: `iconv -f UTF-8 -t LATIN1` undoes it",
    "\xc3\xad\xc3\xbe\xc2\xad\x0b",
    "\x0b\xc2\xad\xc3\xbe\xc3\xad",
  ),
  ...startsWithOneOf(
    "an image that a program took for text, which lost most of it: save it again as binary",
    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x0b",
    "\x0b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
  ),
  { at: 0, bytes: "\xff\xfe", what: "text in UTF-16, as PowerShell's `>` writes it: save the bytes themselves" },
];

/** What an input plainly is, if not an image. */
export function knownAs(source: Source): string | undefined {
  if (source.size === 0) return "the input is empty";
  const start = source.read(0, 4096);
  const text = latin1(start);
  const known = KNOWN.find(({ at, bytes }) => text.startsWith(bytes, at));
  return known === undefined ? describeText(text, shellWord(source.name)) : `this is ${known.what}`;
}

/** Says what lies at the start of an input that is no image. */
export function describeBytes(source: Source): string {
  const known = knownAs(source);
  if (known !== undefined) return known;
  const start = source.read(0, 4096);
  const first = [...start.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (ABIS.some((abi) => isSoundSubbuf(new SubbufReader(abi, MIN_SUBBUF_SIZE).scan(new Bytes(start, abi)))))
    return "it begins with a single sub-buffer, as trace_pipe_raw gives them, without the area around it";
  if (source.size < 4096) return `${pluralVerb(source.size, "byte")} less than a page (they begin ${first})`;
  return `${describePage(start, first)}; ${lookDeeper(source.name)}`;
}

function describePage(start: Uint8Array, first: string): string {
  if (start.every((byte) => byte === 0))
    return "it begins with a page of zeros: memory that was never written, or was cleared at boot";
  if (start.every((byte) => byte === 0xff)) return "it begins with a page of 0xff: memory that could not be read";
  return `it has neither the magic 0x0badfeed nor a CPU's meta where one should be (it begins ${first})`;
}

/** What to do where all metas may be destroyed, and sub-buffers left. */
export function lookDeeper(name: string): string {
  return `\`rbtool locate --deep ${shellWord(name)}\` looks for sub-buffers without one`;
}

/** A file's name as a shell takes it. */
function shellWord(name: string): string {
  if (name === "<stdin>") return "FILE";
  return /^[\w./:@%+,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
