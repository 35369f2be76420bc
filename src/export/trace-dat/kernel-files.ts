import { type Abi, subbufHeaderSize } from "../../ground/abi.js";
import type { ContextFiles } from "../../system/context.js";
import { peekId, peekName } from "../../system/formats/peek-format.js";
import type { Trace } from "../../trace/trace.js";
import { formatForLibtraceevent } from "./format-text.js";

/** Format files of one system. */
export interface SystemFormats {
  readonly system: string;
  readonly formats: readonly Uint8Array[];
}

/** What is known of the writing kernel, as the files that tracefs has of it. */
export interface KernelFiles {
  readonly headerPage: Uint8Array;
  readonly headerEvent: Uint8Array;
  /** ftrace's own. */
  readonly ftrace: readonly Uint8Array[];
  readonly systems: readonly SystemFormats[];
  readonly kallsyms: Uint8Array;
  readonly printkFormats: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** @param unknown formats of types that have no file */
export function kernelFiles({ image, writer }: Trace, unknown: readonly Uint8Array[]): KernelFiles {
  const files: ContextFiles = writer.files ?? { formats: [] };
  const { abi, geometry } = image.layout;
  const { kallsyms } = writer;
  const systems = formatsBySystem(files, writer.formats);
  if (unknown.length > 0) systems.set("unknown", [...(systems.get("unknown") ?? []), ...unknown]);
  return {
    // What the image is, whatever the kernel's own file says.
    headerPage: Buffer.from(headerPage(abi, geometry.subbufSize)),
    headerEvent: files.headerEvent ?? Buffer.from(HEADER_EVENT),
    ftrace: systems.get("ftrace") ?? [],
    systems: [...systems].filter(([system]) => system !== "ftrace").map(([system, formats]) => ({ system, formats })),
    kallsyms: kallsyms?.inWritingBoot() ?? NOTHING,
    printkFormats: files.printkFormats ? movedStrings(files.printkFormats, kallsyms) : NOTHING,
  };
}

/** The files of the events that are known, each once. */
function formatsBySystem(files: ContextFiles, known: Trace["writer"]["formats"]): Map<string, Uint8Array[]> {
  const systems = new Map<string, Uint8Array[]>();
  const ids = new Set<number>();
  for (const { system, bytes } of files.formats) {
    const id = peekId(bytes);
    if (id === undefined || ids.has(id) || known.get(id)?.name !== peekName(bytes)) continue;
    ids.add(id);
    let formats = systems.get(system);
    if (formats === undefined) {
      formats = [];
      systems.set(system, formats);
    }
    formats.push(formatForLibtraceevent(bytes));
  }
  return systems;
}

/** printk_formats with its addresses as the writing boot had them. */
function movedStrings(file: Uint8Array, kallsyms: Trace["writer"]["kallsyms"]): Uint8Array {
  if (kallsyms === undefined) return file;
  const text = Buffer.from(file.buffer, file.byteOffset, file.length).toString("latin1");
  const moved = text.replace(/^0x([0-9a-fA-F]{1,16}) : "/gm, (line, digits: string) => {
    const address = kallsyms.relocated(BigInt(`0x${digits}`));
    return address === undefined ? line : `0x${address.toString(16)} : "`;
  });
  return Buffer.from(moved, "latin1");
}

/** events/header_page (ring_buffer_print_page_header(), kernel/trace/ring_buffer.c). */
function headerPage(abi: Abi, subbufSize: number): string {
  const data = subbufHeaderSize(abi);
  const { longSize } = abi;
  return [
    field("u64 timestamp", 0, 8, 0),
    field("local_t commit", 8, longSize, 1),
    field("int overwrite", 8, 1, 1),
    field("char data", data, subbufSize - data, 1),
  ].join("");
}

function field(name: string, offset: number, size: number, signed: number): string {
  return `\tfield: ${name};\toffset:${offset};\tsize:${size};\tsigned:${signed};\n`;
}

/** events/header_event (ring_buffer_print_entry_header()): the bits of a record's first word, and its kinds. */
const HEADER_EVENT = `# compressed entry header
\ttype_len    :    5 bits
\ttime_delta  :   27 bits
\tarray       :   32 bits

\tpadding     : type == 29
\ttime_extend : type == 30
\ttime_stamp : type == 31
\tdata max type_len  == 28
`;
