import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { MAX_CPUS, MAX_SUBBUF_SIZE, MIN_NR_SUBBUFS, MIN_SUBBUF_SIZE } from "../ground/limits.js";
import type { Source } from "../input/source.js";
import { chunksEnd, cpuMetaOffset, type Geometry, mostCpusFor, nrSubbufsFor, subbufsOffset } from "../ring/geometry.js";
import { bootMetaSize, structSizes, usualBuffersOffset, WRITER_LAYOUTS, type WriterLayout } from "../ring/layouts.js";
import {
  layoutOf,
  type RING_BUFFER_CPU_META,
  RING_BUFFER_META,
  RING_BUFFER_META_MAGIC,
  readStruct,
  type StructTable,
} from "../ring/structs.js";
import { BuffersEvidence, lastBuffer, PageEvidence } from "./detect-contents.js";
import { type Probed, RememberedProbes } from "./detect-probes.js";

/** A writer's layout on one kind of machine. */
export interface LayoutKind extends WriterLayout {
  readonly abi: Abi;
  /** Where subbuf_size and, behind it, nr_subbufs lie in a CPU's meta. */
  readonly numbersOffset: number;
}

/** A layout found in an image. */
export interface Layout extends LayoutKind {
  readonly geometry: Geometry;
  readonly nrCpus: number;
  /** Bytes of the area: total_size, or the size of the input where that is unusable (or not stored). */
  readonly totalSize: number;
  /** How sure: see judge(). */
  readonly score: number;
  /** Every CPU's meta agrees with it, and the kernel would have divided an area of this size so: no other explains more. */
  readonly agreed: boolean;
  /** So it is but for one CPU's meta, with a sound header: nothing else is searched for. */
  readonly settled: boolean;
  /** No CPU's meta could be read: it is what the rest of the area fits best. */
  readonly guessed: boolean;
}

export const ABIS: readonly Abi[] = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 4 },
];

function kindsOf(layouts: readonly WriterLayout[]): LayoutKind[] {
  return ABIS.flatMap((abi) => layouts.map((layout) => kindOf(layout, abi)));
}

function kindOf(layout: WriterLayout, abi: Abi): LayoutKind {
  const table = layout.cpuMeta as StructTable<typeof RING_BUFFER_CPU_META.fields>;
  return { ...layout, abi, numbersOffset: layoutOf(table, abi).offsets.subbuf_size };
}

/** Every layout on every kind of machine. */
export const KINDS: readonly LayoutKind[] = kindsOf(WRITER_LAYOUTS);

function sizeOf(table: StructTable, abi: Abi): number {
  return layoutOf(table, abi).size;
}

/** What every way of looking is given. */
interface Search {
  readonly source: Probed;
  /** The input's first bytes: the global header. */
  readonly start: Uint8Array;
  /** The number of CPUs, where it is known. */
  readonly writerCpus: number | undefined;
  readonly pages: PageEvidence;
  readonly chosen: ChosenNumbers;
}

/** What is known of the image, and wished. */
export interface ImageOptions {
  /** The writer's nr_cpu_ids: where the CPUs' metas are lost, it decides where everything lies. */
  readonly writerCpus?: number | undefined;
  /** How the writing kernel lays the area out, by its own types; else every layout known is tried. */
  readonly layout?: WriterLayout | undefined;
  /** Where no CPU's meta is left, what the rest of the area fits best is taken (Layout.guessed). */
  readonly mayGuess?: boolean;
}

/** The first bytes that detection looks at; they hold the global header. */
const START = 4096;

/**
 * Finds the layout that explains the bytes best, also where a header is damaged: every fact that fits (magic, struct
 * sizes, each CPU's meta where the layout puts it) counts. Undefined where nothing convinces.
 */
export function detectLayout(source: Source, options: ImageOptions = {}): Layout | undefined {
  const { writerCpus, layout: told, mayGuess = true } = options;
  const start = source.probe(0, START);
  const probes = new RememberedProbes(source);
  const search: Search = {
    source: probes,
    start,
    writerCpus,
    pages: new PageEvidence(probes),
    chosen: new ChosenNumbers(writerCpus),
  };
  const kinds = told === undefined ? KINDS : kindsOf([told]);
  const signs = kinds.map((kind) => ({ kind, identity: identityOf(kind, start) }));
  let best: Layout | undefined;
  // The plain way first; the searches only where it leaves a doubt, the last only where it could score more.
  for (const [candidatesOf, enough] of [
    [statedLayouts, PERFECT],
    [impliedLayouts, PERFECT],
    [layoutsByContents, MOST_BY_CONTENTS],
  ] as const) {
    if (best !== undefined && (best.agreed || best.settled || best.score >= enough)) break;
    if (candidatesOf === layoutsByContents && !mayGuess) break;
    for (const { kind, identity } of signs) {
      if (best?.settled) break;
      for (const candidate of candidatesOf(search, kind, identity)) {
        if (subbufsOf(candidate) > mostSubbufs(source.size)) continue;
        const least = identity > 0 ? CONVINCING : CONVINCING_ALONE;
        if (candidate.score >= least && (best === undefined || candidate.score > best.score)) best = candidate;
        if (best?.settled) break;
      }
    }
  }
  return best;
}

/** Whether an input begins with the magic and the struct sizes of some layout: then an area begins there, whatever follows. */
export function beginsLikeArea(source: Source, told?: WriterLayout): boolean {
  const start = source.probe(0, START);
  return (told === undefined ? KINDS : kindsOf([told])).some((kind) => identityOf(kind, start) === BOTH_SIGNS);
}

/** Whether an input begins with the magic, and with sizes or an offset that no known kernel writes behind it. */
export function hasStrangeHeader(source: Source): boolean {
  const start = source.probe(0, START);
  if (start.length < START) return false;
  const signed = KINDS.filter((kind) => identityOf(kind, start) >= BOTH_SIGNS / 2);
  return signed.length > 0 && !signed.some((kind) => identityOf(kind, start) === BOTH_SIGNS && isUsual(kind, start));
}

function isUsual(kind: LayoutKind, start: Uint8Array): boolean {
  const table = kind.bootMeta;
  if (table === undefined) return true;
  const { buffers_offset } = readStruct(table, new Bytes(start, kind.abi), 0).values;
  return buffers_offset === BigInt(usualBuffersOffset(kind, kind.abi));
}

const subbufsOf = ({ nrCpus, geometry }: Layout) => nrCpus * geometry.nrSubbufs;
/** A cut-off image may name more sub-buffers than it holds, but not without bound: each costs memory. */
const MOST_SUBBUFS = 2 ** 17;
const BYTES_PER_SUBBUF = 256;
const mostSubbufs = (bytes: number) => MOST_SUBBUFS + bytes / BYTES_PER_SUBBUF;

/** The largest area of which so many bytes are believed to be the beginning. */
export function mostBytes(bytes: number): number {
  return Math.floor(mostSubbufs(bytes) * MIN_SUBBUF_SIZE);
}

/** The score of a layout without a doubt: every CPU's meta, and the stated size. */
const PERFECT = Number.POSITIVE_INFINITY;
/** What the magic and the struct size are worth together, with nothing else readable. */
const CONVINCING = 3.5;
/** Without either sign: a CPU's whole meta, in an area of a size that the kernel would have divided so. */
const CONVINCING_ALONE = 6;

/** The points of a magic and struct sizes that both fit. */
const BOTH_SIGNS = 4;

/** Points for the header's own signs: half for the magic, half for the struct sizes. */
function identityOf(kind: LayoutKind, start: Uint8Array): number {
  if (start.length < 8) return 0;
  const bytes = new Bytes(start, kind.abi);
  return (bytes.u32(0) === RING_BUFFER_META_MAGIC ? 2 : 0) + (bytes.u32(4) === structSizes(kind, kind.abi) ? 2 : 0);
}

/** The plain way: the first CPU's meta says how many sub-buffers there are, and of what size. */
function* statedLayouts(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source, start, writerCpus } = search;
  for (const { place, totalSize } of places(kind, source, start)) {
    const meta = metaAt(kind, source, place.buffersOffset, place.cpuMetaSize);
    if (!meta || !isSubbufSize(meta.subbuf_size) || meta.nr_subbufs < MIN_NR_SUBBUFS) continue;
    const geometry = { ...place, subbufSize: meta.subbuf_size, nrSubbufs: meta.nr_subbufs };
    const cutOff = sizeByMetas(kind, source, geometry, identity);
    const size = cutOff === undefined ? totalSize : { bytes: cutOff, stated: false, cutOff: true };
    const nrCpus = writerCpus ?? countCpus(kind, source, geometry, size.bytes);
    if (chunksEnd(geometry, nrCpus) > size.bytes) continue;
    yield layout(kind, source, { geometry, nrCpus, size, identity });
  }
}

/**
 * Where the first CPU's meta cannot be believed: the number of sub-buffers follows from the number of CPUs, as the
 * kernel computes it. The other CPUs' metas, found where that puts them, decide.
 */
function* impliedLayouts(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source } = search;
  const maxCpus = identity > 0 ? MAX_CPUS : MAX_CPUS_UNSIGNED;
  for (const { geometry, fewest, most, size } of chosenGeometries(search, kind, maxCpus)) {
    const first = agrees(kind, source, geometry, 0) > 0;
    const second = first || (most > 1 && agrees(kind, source, geometry, 1) > 0);
    for (let nrCpus = fewest; nrCpus <= most; nrCpus++) {
      const told = first || (nrCpus > 1 && (second || agrees(kind, source, geometry, nrCpus - 1) > 0));
      // Where the metas tell of more than the input holds, the plain way has it.
      if (told && sizeByMetas(kind, source, geometry, identity) === undefined)
        yield layout(kind, source, { geometry, nrCpus, size, identity });
    }
  }
}

/** Without any sign in the header, areas of more CPUs than this are not searched for: a dump of noise must end soon. */
const MAX_CPUS_UNSIGNED = 256;

/**
 * Where no CPU's meta can be read: buffers[] and the sub-buffers tell where they lie. Without the header's signs only
 * buffers[] is asked, and must be whole.
 */
function* layoutsByContents(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source, pages } = search;
  const signed = identity >= BOTH_SIGNS;
  for (const { geometry, fewest, most, size } of chosenGeometries(
    search,
    kind,
    signed ? MAX_CPUS : MAX_CPUS_UNSIGNED,
  )) {
    const evidence = new BuffersEvidence(kind.abi, source, geometry, !signed);
    for (let nrCpus = fewest; nrCpus <= most; nrCpus++) {
      const buffers = evidence.fit(nrCpus);
      if (buffers === 0 && (!signed || nrCpus > MAX_CPUS_BY_PAGES)) continue;
      const fit = pages.fit(kind.abi, geometry, nrCpus);
      if (buffers === 0 && fit <= 0) continue;
      // Each buffers[] that is found is a proof. Without, a few pages more or less prove nothing: the fewest CPUs win.
      const cpus = buffers > 0 ? 0.01 * buffers * Math.min(nrCpus, 50) : -1e-4 * (nrCpus - 1);
      const usual = isUsualPlace(kind, geometry) ? USUAL_WEIGHT : 0;
      yield {
        ...kind,
        geometry,
        nrCpus,
        totalSize: size.bytes,
        score: identity + BUFFERS_WEIGHT * buffers + fit + cpus + usual,
        agreed: false,
        settled: false,
        guessed: true,
      };
    }
  }
}

const MAX_CPUS_BY_PAGES = 64;
/** Enough to convince alone, and more than all that the pages can say. */
const BUFFERS_WEIGHT = 6.1;
/** The first CPU's meta lies where every kernel known puts it: what decides where nothing else does. */
const USUAL_WEIGHT = 0.25;
/** Both signs, every buffers[] and every sub-buffer. */
const MOST_BY_CONTENTS = BOTH_SIGNS + BUFFERS_WEIGHT + 1.5 + USUAL_WEIGHT;

type Place = Omit<Geometry, "nrSubbufs" | "subbufSize">;

/** Each total size and each place of the first CPU's meta that the header allows. */
function* places(
  kind: LayoutKind,
  source: Probed,
  start: Uint8Array,
): Generator<{ place: Place; totalSize: TotalSize }> {
  const cpuMetaSize = sizeOf(kind.cpuMeta, kind.abi);
  for (const totalSize of totalSizes(kind, source, start))
    for (const buffersOffset of buffersOffsets(kind, start, totalSize.bytes))
      yield { place: { buffersOffset, bootMetaSize: bootMetaSize(kind, kind.abi), cpuMetaSize }, totalSize };
}

/** A geometry that the kernel would have chosen for an area of this size, from the fewest to the most of so many CPUs. */
interface ChosenGeometry {
  readonly geometry: Geometry;
  readonly fewest: number;
  readonly most: number;
  readonly size: TotalSize;
}

/** Every geometry that the kernel would have chosen for some number of CPUs, or the known one, and some page size. */
function* chosenGeometries(
  { source, start, chosen }: Search,
  kind: LayoutKind,
  maxCpus: number,
): Generator<ChosenGeometry> {
  for (const { place, totalSize: size } of places(kind, source, start))
    for (let subbufSize = MIN_SUBBUF_SIZE; subbufSize <= MAX_SUBBUF_SIZE; subbufSize *= 2)
      for (const { geometry, fewest, most } of chosen.of(size.bytes, place, subbufSize, maxCpus))
        yield { geometry, fewest, most, size };
}

/** What the kernel chooses for each number of CPUs: machines of either byte order, and several layouts, share it. */
class ChosenNumbers {
  private readonly known = new Map<string, readonly Omit<ChosenGeometry, "size">[]>();

  constructor(private readonly writerCpus: number | undefined) {}

  of(totalSize: number, place: Place, subbufSize: number, maxCpus: number) {
    const key = `${totalSize} ${maxCpus} ${subbufSize} ${Object.values(place).join(" ")}`;
    let numbers = this.known.get(key);
    if (numbers === undefined) {
      numbers = this.count(totalSize, { ...place, subbufSize, nrSubbufs: 0 }, maxCpus);
      this.known.set(key, numbers);
    }
    return numbers;
  }

  private count(totalSize: number, place: Geometry, maxCpus: number): Omit<ChosenGeometry, "size">[] {
    const numbers: Omit<ChosenGeometry, "size">[] = [];
    const end = this.writerCpus ?? maxCpus;
    for (let fewest = this.writerCpus ?? 1; fewest <= end; ) {
      const nrSubbufs = nrSubbufsFor(totalSize, fewest, place);
      if (nrSubbufs === undefined) break;
      const geometry = { ...place, nrSubbufs };
      const most = Math.min(end, mostCpusFor(totalSize, geometry));
      numbers.push({ geometry, fewest, most });
      fewest = most + 1;
    }
    return numbers;
  }
}

/** A size that the area may have. Before 6.15 none is stored: the input's stands for it. */
interface TotalSize {
  readonly bytes: number;
  readonly stated: boolean;
  /** See sizeByMetas(). */
  readonly cutOff?: boolean;
}

/**
 * Before 6.15 no size is stored, but a meta whose sub-buffers end behind the input tells that the input was cut off: the
 * area has at least the bytes up to their end. Undefined where none does. Only a meta that is whole and signed counts,
 * and behind the first one only one whose address is as far from the first's as it lies.
 */
function sizeByMetas(kind: LayoutKind, source: Probed, geometry: Geometry, identity: number): number | undefined {
  if (kind.generation !== "per-cpu" || identity < BOTH_SIGNS || agrees(kind, source, geometry, 0) < 0.99) return;
  const placeOf = (cpu: number) => subbufsOffset(geometry, cpuMetaOffset(geometry, cpu));
  const firstBuffer = (cpu: number) =>
    metaAt(kind, source, cpuMetaOffset(geometry, cpu), geometry.cpuMetaSize)?.first_buffer;
  const start = firstBuffer(0)! - BigInt(placeOf(0));
  let metas = 1;
  for (let cpu = 1; cpu < MAX_CPUS && cpuMetaOffset(geometry, cpu) < source.size; cpu++) {
    const signed = identityOf(kind, source.probe(cpuMetaOffset(geometry, cpu), 8)) === BOTH_SIGNS;
    if (signed && firstBuffer(cpu) === start + BigInt(placeOf(cpu))) metas = cpu + 1;
  }
  const end = chunksEnd(geometry, metas);
  return end > source.size ? end : undefined;
}

/** The total size as stated, where it is not absurd beside the input, and the size of the input. */
function totalSizes(kind: LayoutKind, source: Probed, start: Uint8Array): TotalSize[] {
  if (kind.generation === "per-cpu") return [{ bytes: source.size, stated: true }];
  if (start.length < sizeOf(kind.bootMeta ?? RING_BUFFER_META, kind.abi)) return [];
  const stated = readStruct(kind.bootMeta ?? RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.total_size;
  if (stated === BigInt(source.size)) return [{ bytes: source.size, stated: true }];
  const sizes = [{ bytes: source.size, stated: false }];
  // reserve_mem and memmap areas are page aligned.
  if (stated > 0n && stated % BigInt(MIN_SUBBUF_SIZE) === 0n && stated <= BigInt(mostBytes(source.size)))
    sizes.unshift({ bytes: Number(stated), stated: true });
  return sizes;
}

/** buffers_offset as stated, and where every kernel known puts it. */
function buffersOffsets(kind: LayoutKind, start: Uint8Array, totalSize: number): number[] {
  if (kind.generation === "per-cpu") return [0];
  const usual = usualBuffersOffset(kind, kind.abi);
  const header = sizeOf(kind.bootMeta ?? RING_BUFFER_META, kind.abi);
  if (start.length < header) return [];
  const stated = readStruct(kind.bootMeta ?? RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.buffers_offset;
  const offsets = [usual];
  if (
    stated !== BigInt(usual) &&
    stated >= BigInt(header) &&
    stated < BigInt(totalSize) &&
    stated % BigInt(kind.abi.longSize) === 0n
  )
    offsets.unshift(Number(stated));
  return offsets;
}

/** A way to divide the input, and the points of the signs in its header. */
interface Division {
  readonly geometry: Geometry;
  readonly nrCpus: number;
  readonly size: TotalSize;
  readonly identity: number;
}

function layout(kind: LayoutKind, source: Probed, division: Division): Layout {
  const { geometry, nrCpus, size } = division;
  // Before 6.15 each CPU's meta carries the signs: the second's and the last's stand in for a damaged first.
  const others = kind.generation === "per-cpu" ? [1, nrCpus - 1].filter((cpu) => cpu > 0 && cpu < nrCpus) : [];
  const signs = others.map((cpu) => identityOf(kind, source.probe(cpuMetaOffset(geometry, cpu), 8)));
  const judged = judge(kind, source, { ...division, identity: Math.max(division.identity, ...signs) });
  return { ...kind, geometry, nrCpus, totalSize: size.bytes, ...judged, guessed: false };
}

/**
 * Points for what agrees. A meta that agrees wholly says more than two that agree by half, so agreement counts squared;
 * each that is found says something; so do a number of sub-buffers that the kernel would have chosen for this size, and a
 * size that is the stated one, or the input's. The weights make every single damaged field lose against the rest: see
 * test/image/damage.test.ts.
 */
function judge(
  kind: LayoutKind,
  source: Probed,
  { geometry, nrCpus, size, identity }: Division,
): Pick<Layout, "score" | "agreed" | "settled"> {
  let sum = 0;
  let squares = 0;
  let whole = 0;
  const looked = Math.min(nrCpus, 64);
  for (let cpu = 0; cpu < looked; cpu++) {
    const agreement = agrees(kind, source, geometry, cpu);
    sum += agreement;
    squares += agreement ** 2;
    if (agreement > 0.99) whole++;
  }
  const fits = !size.cutOff && nrSubbufsFor(size.bytes, nrCpus, geometry) === geometry.nrSubbufs;
  // What tells 6.15 from later kernels: the scratch area's size.
  const usual = isUsualPlace(kind, geometry);
  const agreed = whole === looked && fits && usual;
  const settled = identity === BOTH_SIGNS && size.stated && fits && usual && whole > 0 && whole >= looked - 1;
  if (settled && agreed) return { score: PERFECT, agreed, settled };
  const points = identity + (4 * squares) / looked + Math.min(whole, 1) + 1.5 * Math.min(sum, 4) + (fits ? 3 : 0);
  // A stated size beyond the input's end means that the input is cut off; one before it may be damaged as well.
  const stated = size.stated ? (size.bytes > source.size ? 3 : 1.5) : size.cutOff ? 1.5 : 0;
  return {
    score: points + stated + (size.bytes === source.size ? 0.5 : 0) + (usual ? USUAL_WEIGHT : 0),
    agreed,
    settled,
  };
}

function isUsualPlace(kind: LayoutKind, { buffersOffset }: Geometry): boolean {
  return buffersOffset === usualBuffersOffset(kind, kind.abi);
}

/** How well the meta of `cpu` agrees with the geometry: 1 wholly, 0 not at all. */
function agrees(kind: LayoutKind, source: Probed, geometry: Geometry, cpu: number): number {
  const offset = cpuMetaOffset(geometry, cpu);
  if (!mentions(kind, source, offset, geometry)) return 0;
  const meta = metaAt(kind, source, offset, geometry.cpuMetaSize);
  if (!meta) return 0;
  const size = meta.subbuf_size === geometry.subbufSize ? 0.2 : 0;
  const count = meta.nr_subbufs === geometry.nrSubbufs ? 0.4 : 0;
  if (size + count === 0) return 0;
  const subbuf = BigInt(geometry.subbufSize);
  const aligned = (address: bigint) => address === 0n || (address - meta.first_buffer) % subbuf === 0n;
  const places = aligned(meta.head_buffer) && aligned(meta.commit_buffer) ? 0.2 : 0;
  const ends = buffersEndHere(kind, source, geometry, offset) ? 0.2 : 0;
  // One number that happens to fit proves nothing.
  const agreement = size + count + places + ends;
  return agreement > 0.4 ? agreement : 0;
}

/** Whether either number of the geometry stands where a CPU's meta would have it: the quick look before the thorough one. */
function mentions(kind: LayoutKind, source: Probed, offset: number, geometry: Geometry): boolean {
  const at = offset + kind.numbersOffset;
  if (at + 8 > source.end) return false;
  const bytes = source.probe(at, 8);
  if (bytes.length < 8) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const { littleEndian } = kind.abi;
  return (
    view.getUint32(0, littleEndian) === geometry.subbufSize || view.getUint32(4, littleEndian) === geometry.nrSubbufs
  );
}

/** Whether buffers[] looks as if it had nrSubbufs entries: the last is one, and zeros follow. */
function buffersEndHere(kind: LayoutKind, source: Probed, geometry: Geometry, metaOffset: number): boolean {
  const last = lastBuffer(kind.abi, source, geometry, metaOffset);
  if (last === undefined) return false;
  // The first sub-buffer may have come to be the last of the ring; else a shorter buffers[] ended before these zeros.
  const start = metaOffset + geometry.cpuMetaSize;
  return last > 0 || !namesFirst(source, start, start + 4 * (geometry.nrSubbufs - 1));
}

/** Whether one of the words up to `end` is 0. */
function namesFirst(source: Probed, offset: number, end: number): boolean {
  for (let at = offset; at < end; at += WORDS) {
    const bytes = source.probe(at, Math.min(WORDS, end - at));
    for (let i = 0; i + 4 <= bytes.length; i += 4)
      if ((bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!) === 0) return true;
  }
  return false;
}

/** Bytes of buffers[] that are looked at together. */
const WORDS = 4096;

/**
 * The number of CPUs is stored nowhere: it is what makes the kernel give each CPU this many sub-buffers, and at least
 * as many as there are metas.
 */
function countCpus(kind: LayoutKind, source: Probed, geometry: Geometry, totalSize: number): number {
  let most = 1;
  while (most < MAX_CPUS && chunksEnd(geometry, most + 1) <= totalSize) most++;
  let metas = 1;
  for (let cpu = 1; cpu < most; cpu++) if (agrees(kind, source, geometry, cpu) >= 0.6) metas = cpu + 1;
  for (let cpus = metas; cpus <= most; cpus++)
    if (nrSubbufsFor(totalSize, cpus, geometry) === geometry.nrSubbufs) return cpus;
  return metas;
}

function metaAt(kind: LayoutKind, source: Probed, offset: number, size: number) {
  const bytes = source.probe(offset, size);
  if (bytes.length < size) return undefined;
  const table: StructTable<typeof RING_BUFFER_CPU_META.fields> = kind.cpuMeta;
  return readStruct(table, new Bytes(bytes, kind.abi, offset), 0).values;
}

function isSubbufSize(size: number): boolean {
  return size >= MIN_SUBBUF_SIZE && size <= MAX_SUBBUF_SIZE && (size & (size - 1)) === 0;
}
