import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { Source } from "../source.js";

/** What `virsh save` writes: a header, the domain's XML, QEMU's stream (libvirt's qemu_saveimage.h, virQEMUSaveHeader). */
const SAVED = "LibvirtQemudSave";
const UNFINISHED = "LibvirtQemudPart";
/** The header: its sign, and 19 numbers in the host's byte order, of which fourteen are not used. */
const HEADER_SIZE = SAVED.length + 19 * 4;
const XML_LENGTH_AT = 20;
const PACKING_AT = 28;

/** What may have packed the stream (virQEMUSaveFormat), and what unpacks it; of 0 and 6 (sparse) nothing has. */
const PACKINGS: Readonly<Record<number, string>> = { 1: "gzip", 2: "bzip2", 3: "xz", 4: "lzop", 5: "zstd" };

export interface LibvirtSave {
  /** Where QEMU's stream begins. */
  readonly streamAt: number;
  readonly notes: readonly string[];
}

/**
 * The head of what libvirt saved; undefined where it is nothing of the kind.
 * Throws InputError where the stream behind it is packed.
 */
export function libvirtSaveOf(source: Source): LibvirtSave | undefined {
  const bytes = source.probe(0, HEADER_SIZE);
  const sign = latin1(bytes.subarray(0, SAVED.length));
  if ((sign !== SAVED && sign !== UNFINISHED) || bytes.length < HEADER_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  // A version is a small number in one byte order, and a large one in the other.
  const littleEndian = view.getUint32(SAVED.length, true) < 0x10000;
  const streamAt = HEADER_SIZE + view.getUint32(XML_LENGTH_AT, littleEndian);
  const tool = PACKINGS[view.getUint32(PACKING_AT, littleEndian)];
  const { name } = source;
  if (tool !== undefined)
    throw new InputError(
      `${name}: what libvirt saved is packed with ${tool}: \`tail -c +${streamAt + 1} FILE | ${tool} -dc > FILE.qemu\` unpacks it`,
    );
  return { streamAt, notes: sign === UNFINISHED ? [`${name}: libvirt did not finish saving it`] : [] };
}
