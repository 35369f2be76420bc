import { Bytes } from "../ground/bytes.js";
import type { Diagnostics } from "../ground/diagnostics.js";
import { DecodeError } from "../ground/errors.js";
import { hex } from "../ground/hex.js";
import type { Source } from "../input/source.js";
import { cpuMetaOffset } from "../ring/geometry.js";
import {
  RING_BUFFER_CPU_META,
  RING_BUFFER_META_MAGIC,
  RING_BUFFER_META_V1,
  readStruct,
  type StructRead,
  type StructTable,
} from "../ring/structs.js";
import type { Layout } from "./detect/layout-kinds.js";

/** A CPU's meta as stored; undefined where the image ends before it does. */
export type CpuMetaRead = StructRead<typeof RING_BUFFER_CPU_META> | undefined;

/** The fields that the metas of both generations share. */
const SHARED: StructTable<typeof RING_BUFFER_CPU_META.fields> = RING_BUFFER_CPU_META;

/** Every CPU's meta. What no kernel writes goes to `diagnostics`. */
export function readCpuMetas(source: Source, layout: Layout, diagnostics: Diagnostics): CpuMetaRead[] {
  return Array.from({ length: layout.nrCpus }, (_, cpu) => readCpuMeta(source, layout, cpu, diagnostics));
}

function readCpuMeta(source: Source, layout: Layout, cpu: number, diagnostics: Diagnostics): CpuMetaRead {
  const offset = cpuMetaOffset(layout.geometry, cpu);
  const bytes = new Bytes(source.read(offset, layout.geometry.cpuMetaSize), layout.abi, offset);
  try {
    if (layout.cpuMeta !== RING_BUFFER_META_V1) return readStruct(layout.cpuMeta as typeof SHARED, bytes, 0);
    const meta = readStruct(RING_BUFFER_META_V1, bytes, 0);
    const { values, spans } = meta;
    if (values.magic !== RING_BUFFER_META_MAGIC)
      diagnostics.add("cpu-meta-magic", spans.magic.offset, `magic is ${hex(values.magic >>> 0)}, not 0x0badfeed`, {
        cpu,
      });
    if (values.struct_size !== meta.span.length)
      diagnostics.add(
        "cpu-meta-struct-size",
        spans.struct_size.offset,
        `struct_size is ${values.struct_size}, not ${meta.span.length}`,
        { cpu },
      );
    return meta as unknown as CpuMetaRead;
  } catch (error) {
    // The image is cut before this CPU's meta ends.
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
