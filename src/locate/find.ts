import { latin1 } from "../ground/latin1.js";
import { MAX_THOROUGH_LOOKS } from "../ground/limits.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import type { Source } from "../input/source.js";
import { type Area, areaAt, countChunks, geometryOf, isProven, likelySize } from "./area.js";
import { areasOfChunks } from "./chunks.js";
import { chunkMeta, LOOKED_AT, type Sighting } from "./kinds.js";
import { type Loose, LooseSightings, looseOf } from "./loose.js";
import { reordered, type Turned } from "./reordered.js";
import { PAGE, Sightings } from "./sightings.js";
import { StraySightings } from "./stray.js";
import { type Trace, TraceSightings } from "./traces.js";

/** What a search found. */
export interface Found {
  /** By address. */
  readonly areas: readonly Area[];
  /** Pages that begin as an area does, and behind which nothing fits. */
  readonly lookalikes: number;
  /** Where the first page is that begins as an area does whose bytes are in another order. */
  readonly misordered: number | undefined;
  /** Bytes of memory that were looked at. */
  readonly bytes: number;
  /** It was stopped before the end. */
  readonly stopped: boolean;
  /** Sub-buffers outside the areas, where they were asked for. */
  readonly loose: readonly Loose[];
  /** What memory says in words, where it was asked for. */
  readonly traces: readonly Trace[];
}

/** How far a search is. */
export interface SearchState {
  /** Bytes that were looked at, and all. */
  readonly bytes: number;
  readonly total: number;
  /** Pages that look as if an area began there. */
  readonly sightings: number;
}

/** A search is all computing and waiting for the file: a signal is heard, and its state shown, between two breaths. */
const BREATH_MS = 50;

export interface SearchWishes {
  /** Look for sub-buffers outside the areas, too, and for what the kernel wrote of itself. */
  readonly deep?: boolean;
  readonly onProgress?: (state: SearchState) => void;
  readonly signal?: AbortSignal;
}

/** Finds the persistent buffers in a machine's memory; in a file that is none, also where no page begins. */
export async function findAreas(memory: PhysicalMemory, wishes: SearchWishes = {}): Promise<Found> {
  const found = await findBySightings(memory, new Sightings(), wishes);
  if (found.areas.length > 0 || found.loose.length > 0 || found.stopped || memory.format !== "raw") return found;
  const stray = await findBySightings(memory, new StraySightings(memory), { ...wishes, deep: false });
  const lookalikes = Math.max(stray.lookalikes, found.lookalikes);
  return { ...stray, traces: found.traces, lookalikes, misordered: found.misordered };
}

/** The raw memory that was searched, with its bytes in another order where that is what makes an area of it fit. */
export function turnedMemory(source: Source, { areas, misordered }: Found): Turned | undefined {
  // A header of nothing but 32-bit words fits in either byte order.
  const narrow = areas.find(({ image }) => image.layout.abi.longSize === 4);
  const address = narrow?.address ?? (areas.some(isProven) ? undefined : misordered);
  return address === undefined ? undefined : reordered(source, address);
}

async function findBySightings(
  memory: PhysicalMemory,
  sightings: Sightings | StraySightings,
  { onProgress, signal, deep = false }: SearchWishes,
): Promise<Found> {
  const loose = deep ? new LooseSightings(memory) : undefined;
  const traces = deep ? new TraceSightings(memory) : undefined;
  let bytes = 0;
  let breath = performance.now();
  for (const piece of memory.pieces()) {
    sightings.look(piece);
    loose?.look(piece);
    traces?.look(piece);
    bytes += piece.bytes.length;
    if (performance.now() - breath < BREATH_MS) continue;
    onProgress?.({ bytes, total: memory.size, sightings: sightings.found.length + (loose?.pages.length ?? 0) });
    await new Promise((resolve) => setImmediate(resolve));
    breath = performance.now();
    if (signal?.aborted) break;
  }
  if (!signal?.aborted) memory.vmcoreinfo ??= vmcoreinfoAt(memory, sightings.vmcoreinfo);
  const { areas, lookalikes } = areasOf(memory, sightings.found);
  return {
    areas,
    lookalikes: lookalikes + sightings.omitted,
    misordered: sightings.misordered,
    bytes,
    stopped: signal?.aborted ?? false,
    loose: loose === undefined ? [] : looseOf(memory, loose.pages, areas),
    traces: traces?.found ?? [],
  };
}

/** The text of a page of vmcoreinfo; none where there is no such page. */
function vmcoreinfoAt(memory: PhysicalMemory, address: number | undefined): string {
  if (address === undefined) return "";
  const page = memory.read(address, PAGE);
  const end = page.indexOf(0);
  return latin1(end < 0 ? page : page.subarray(0, end));
}

function areasOf(memory: PhysicalMemory, sightings: readonly Sighting[]) {
  const areas: Area[] = [];
  /** Where the CPUs' metas of the areas lie. */
  const explained = new Set<number>();
  const take = (area: Area | undefined): void => {
    if (area === undefined || areas.some(({ address }) => address === area.address)) return;
    areas.push(area);
    for (const { metaOffset } of area.image.cpus) explained.add(area.address + metaOffset);
  };
  let lookalikes = 0;
  let thorough = 0;
  for (const sighting of sightings) {
    if (sighting.meta !== undefined) continue;
    const sound = firstChunk(memory, sighting) !== undefined;
    const area = sound || thorough++ < MAX_THOROUGH_LOOKS ? areaOfSighting(memory, sighting) : undefined;
    if (area === undefined) lookalikes++;
    take(area);
  }
  const chunks = sightings.filter(({ meta, address }) => meta !== undefined && !explained.has(address));
  const isTaken = (start: number, end: number): boolean =>
    areas.some(
      ({ address, image, certainty }) => certainty === "proven" && start < address + image.source.size && end > address,
    );
  for (const area of areasOfChunks(memory, chunks, isTaken)) take(area);
  areas.sort((a, b) => a.address - b.address);
  return { areas, lookalikes };
}

/** The area behind a boot meta, of the size that it states, or that the CPUs' metas tell. */
export function areaOfSighting(memory: PhysicalMemory, sighting: Sighting): Area | undefined {
  const first = sighting.totalSize === undefined ? firstChunk(memory, sighting) : undefined;
  const size = sighting.totalSize ?? (first && likelySize(geometryOf(first), countChunks(memory, first)));
  return size === undefined ? undefined : areaAt(memory, sighting.address, size);
}

/** CPU 0's meta behind a boot meta. */
function firstChunk(memory: PhysicalMemory, { address, kind, totalSize }: Sighting): Sighting | undefined {
  const geometry = geometryOf({ address, kind, totalSize, meta: { firstBuffer: 0n, subbufSize: 1, nrSubbufs: 0 } });
  const meta = chunkMeta(memory.read(address + geometry.buffersOffset, LOOKED_AT), kind);
  return meta && { address, kind, totalSize, meta };
}
