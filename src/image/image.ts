import { Bytes } from "../ground/bytes.js";
import { Diagnostics, type Findings } from "../ground/diagnostics.js";
import { DecodeError, NotAnImageError } from "../ground/errors.js";
import { BYTES_KNOWN_OF_SUBBUF } from "../ground/limits.js";
import { plural } from "../ground/plural.js";
import { budget, OverBudget } from "../input/budget.js";
import type { Source } from "../input/source.js";
import { chunksEnd } from "../ring/geometry.js";
import { type ScratchTable, structSizes, usualBuffersOffset } from "../ring/layouts.js";
import { RING_BUFFER_META, RING_BUFFER_META_MAGIC, readStruct, type StructRead } from "../ring/structs.js";
import { SubbufReader } from "../ring/subbuf.js";
import { type CpuArea, readCpuAreas } from "./cpu-area.js";
import { readCpuMetas } from "./cpu-meta.js";
import { type Cut, cutOf, cutText } from "./cut.js";
import { detectLayout, type ImageOptions } from "./detect/detect.js";
import type { Layout } from "./detect/layout-kinds.js";
import { describeBytes } from "./not-an-image.js";
import { readScratch, type Scratch } from "./scratch.js";
import { type TextAddresses, textAddressesOf } from "./text-addresses.js";
import { strippingOf, translationOf } from "./translated.js";
import { virtualStartOf } from "./virtual-start.js";

/** A persistent trace buffer image, opened: a value that never changes. What reads more of it returns what it finds. */
export interface Image {
  readonly source: Source;
  readonly layout: Layout;
  /** The global header; undefined before 6.15 (each CPU has a meta of its own). */
  readonly bootMeta: StructRead<typeof RING_BUFFER_META> | undefined;
  /** The scratch area; undefined before 6.15, or where the image ends before it. */
  readonly scratch: Scratch | undefined;
  readonly cpus: readonly CpuArea[];
  /** Where the area lay in the writing boot's virtual memory. */
  readonly virtualStart: bigint | undefined;
  /** Two addresses of the writing kernel; undefined since 6.15. */
  readonly textAddresses: TextAddresses | undefined;
  /** Bytes behind the last sub-buffer, up to the end of the area. */
  readonly leftOver: number;
  /** Where the file ends before the area does, if it was cut short. */
  readonly cut: Cut | undefined;
  /** What was odd when it was opened: headers and metas. The sub-buffers were not read. */
  readonly diagnostics: Findings;
  readonly subbufs: SubbufReader;
}

/** Throws NotAnImageError when no known layout explains the bytes. */
export function readImage(source: Source, options: ImageOptions = {}): Image {
  const { writerCpus } = options;
  const layout = detectLayout(source, options);
  if (!layout) {
    const wanted = writerCpus === undefined ? "" : ` of ${writerCpus} CPUs`;
    throw new NotAnImageError(`${source.name}: no persistent trace buffer${wanted}: ${describeBytes(source)}`);
  }
  refuseTooMany(source.name, layout);
  const diagnostics = new Diagnostics();
  if (layout.guessed && writerCpus === undefined)
    diagnostics.add("layout-guessed", layout.geometry.buffersOffset, guessText(layout));
  const own = writerCpus === undefined ? undefined : detectLayout(source, { ...options, writerCpus: undefined });
  if (own !== undefined && own.nrCpus !== writerCpus && !own.guessed && own.score > layout.score)
    diagnostics.add("layout-contradicted", own.geometry.buffersOffset, contradiction(own, layout.nrCpus));
  for (const note of source.notes) diagnostics.add("input-incomplete", source.size, note);
  const bootMeta = layout.generation === "global" ? readBootMeta(source, layout, diagnostics) : undefined;
  const cut = cutOf(layout, source.size);
  const stripping = cut && strippingOf(source, layout, cut.areaSize);
  if (stripping) diagnostics.add("image-translated", stripping.offset, stripping.message);
  else if (cut) diagnostics.add("image-truncated", source.size, cutText(cut));
  for (const { offset, length } of source.holes)
    diagnostics.add("image-holes", offset, `the dump does not have ${length} bytes of the area`);
  const scratch = layout.scratch && readScratchArea(source, layout, layout.scratch, diagnostics);
  const metas = readCpuMetas(source, layout, diagnostics);
  const virtualStart = virtualStartOf(source, layout, metas);
  const cpus = readCpuAreas({ source, layout, virtualStart, diagnostics }, metas);
  const { list } = diagnostics.findings();
  if (list.some(({ code }) => code === "buffers-duplicate" || code === "boot-meta-magic")) {
    const translation = translationOf(source, layout, bootMeta?.values.magic, cpus);
    if (translation !== undefined) diagnostics.add("image-translated", translation.offset, translation.message);
  }
  return Object.freeze({
    source,
    layout: Object.freeze(layout),
    bootMeta,
    scratch,
    cpus: Object.freeze(cpus.map((cpu) => Object.freeze(cpu))),
    virtualStart,
    textAddresses: textAddressesOf(layout, metas),
    leftOver: layout.totalSize - chunksEnd(layout.geometry, layout.nrCpus),
    cut,
    diagnostics: diagnostics.findings(),
    subbufs: new SubbufReader(layout.abi, layout.geometry.subbufSize),
  });
}

/** What is known of each sub-buffer is held in memory: of more than the budget has room for, nothing is read at all. */
function refuseTooMany(name: string, { nrCpus, geometry: { nrSubbufs } }: Layout): void {
  const bytes = nrCpus * nrSubbufs * BYTES_KNOWN_OF_SUBBUF;
  if (bytes <= budget().memory) return;
  const gib = Math.ceil(bytes / 2 ** 30);
  throw new OverBudget(
    `${name}: ${cpusText(nrCpus, nrSubbufs)} take some ${gib} GiB of memory to be read`,
    "memory",
    gib,
  );
}

function contradiction({ nrCpus, geometry }: Layout, said: number): string {
  return `the metas describe ${cpusText(nrCpus, geometry.nrSubbufs)}, not the ${plural(said, "CPU")} that were given`;
}

function guessText({ nrCpus, geometry }: Layout): string {
  return `the metas of all CPUs are gone: ${cpusText(nrCpus, geometry.nrSubbufs)} is what buffers[] and the sub-buffers fit best`;
}

function cpusText(nrCpus: number, nrSubbufs: number): string {
  return `${plural(nrCpus, "CPU")} of ${plural(nrSubbufs, "sub-buffer")}`;
}

/**
 * The bytes of a sub-buffer, by CPU and physical index; fewer than subbufSize where the image is cut off.
 * @param from a window of the image's source, where its memory may be used again
 */
export function subbufBytes(
  image: Image,
  cpu: CpuArea,
  index: number,
  from: Pick<Source, "read"> = image.source,
): Bytes {
  const offset = subbufOffset(cpu, index);
  return new Bytes(from.read(offset, cpu.subbufSize), image.layout.abi, offset);
}

/** Where the sub-buffer of this physical index lies in the image. */
export function subbufOffset(cpu: CpuArea, index: number): number {
  return cpu.subbufsOffset + index * cpu.subbufSize;
}

function readBootMeta(source: Source, layout: Layout, diagnostics: Diagnostics): StructRead<typeof RING_BUFFER_META> {
  const table = layout.bootMeta ?? RING_BUFFER_META;
  const meta = readStruct(table, new Bytes(source.read(0, layout.geometry.bootMetaSize), layout.abi), 0);
  const { values, spans } = meta;
  const hex = (value: number | bigint) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
  if (values.magic !== RING_BUFFER_META_MAGIC)
    diagnostics.add("boot-meta-magic", spans.magic.offset, `magic is ${hex(values.magic >>> 0)}, not 0x0badfeed`);
  if (values.struct_sizes !== structSizes(layout, layout.abi))
    diagnostics.add(
      "boot-meta-struct-sizes",
      spans.struct_sizes.offset,
      `struct_sizes is ${hex(values.struct_sizes >>> 0)}, not ${hex(structSizes(layout, layout.abi))}`,
    );
  if (values.total_size !== BigInt(layout.totalSize))
    diagnostics.add(
      "boot-meta-total-size",
      spans.total_size.offset,
      `total_size is ${hex(values.total_size)}; the CPUs imply ${hex(layout.totalSize)}`,
    );
  if (values.buffers_offset !== BigInt(layout.geometry.buffersOffset))
    diagnostics.add(
      "boot-meta-buffers-offset",
      spans.buffers_offset.offset,
      `buffers_offset is ${hex(values.buffers_offset)}; the first CPU's meta lies at ${hex(layout.geometry.buffersOffset)}`,
    );
  else if (layout.geometry.buffersOffset !== usualBuffersOffset(layout, layout.abi))
    diagnostics.add(
      "boot-meta-buffers-offset",
      spans.buffers_offset.offset,
      `buffers_offset is ${hex(values.buffers_offset)}; every kernel known writes ${hex(usualBuffersOffset(layout, layout.abi))}`,
    );
  return meta;
}

function readScratchArea(
  source: Source,
  layout: Layout,
  table: ScratchTable,
  diagnostics: Diagnostics,
): Scratch | undefined {
  const start = layout.geometry.bootMetaSize;
  const bytes = new Bytes(
    source.read(start, Math.min(layout.geometry.buffersOffset, usualBuffersOffset(layout, layout.abi)) - start),
    layout.abi,
    start,
  );
  try {
    return readScratch(bytes, table, diagnostics);
  } catch (error) {
    // The image ends within the scratch area: it is cut.
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
