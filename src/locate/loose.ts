import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { MAX_SUBBUF_SIZE, MIN_SUBBUF_SIZE } from "../ground/limits.js";
import { ABIS } from "../image/detect/layout-kinds.js";
import type { MemoryPiece, PhysicalMemory } from "../input/memory/physical.js";
import { SubbufReader } from "../ring/subbuf.js";
import type { Area } from "./area.js";
import { PAGE } from "./sightings.js";

/** A page that walks as a sub-buffer. */
export interface LoosePage {
  readonly address: number;
  readonly abi: Abi;
  readonly first: bigint;
  readonly last: bigint;
  readonly events: number;
  /** Committed bytes. */
  readonly size: number;
}

/** Sub-buffers that lie in no area that was found. */
export interface Loose {
  /** The lowest of them. */
  readonly address: number;
  /** In order of their addresses where they lie behind each other, else of their times. */
  readonly pages: readonly LoosePage[];
  /** From one sub-buffer to the next: at least the size of each. */
  readonly stride: number;
  /** They lie behind each other, as in an area; else anywhere, as the pages of a vmalloc copy do. */
  readonly contiguous: boolean;
  /** The area that has the same sub-buffers. */
  readonly copyOf: Area | undefined;
}

/** Pages that are kept: a machine has a few hundred MiB of them at most. */
const MOST_PAGES = 2 ** 18;
/** A page alone must be as full as a writer leaves it before it goes on; other data are seldom long and sound. */
const FULL = 0.5;
/** Sub-buffers in a row with rising times that make a run. */
const RUN = 3;
/** Events of at least so many pages that lie anywhere are no accident. */
const SCATTERED = 2;
/** Times have no more bits (RB_TIME_STAMP's 59); addresses and floating point numbers have. */
const MOST_TIME = 2 ** 27;

/** Looks at every page for a sub-buffer. */
export class LooseSightings {
  readonly pages: LoosePage[] = [];
  omitted = 0;
  private readonly readers = ABIS.map((abi) => ({ abi, readers: readersOf(abi) }));

  constructor(private readonly memory: PhysicalMemory) {}

  look({ address, bytes }: MemoryPiece): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const first = (PAGE - (address % PAGE)) % PAGE;
    for (let at = first; at + PAGE <= bytes.length; at += PAGE)
      for (const { abi, readers } of this.readers) {
        const { littleEndian, longSize } = abi;
        const high = view.getUint32(at + (littleEndian ? 4 : 0), littleEndian);
        const wide = longSize === 8 ? view.getUint32(at + (littleEndian ? 12 : 8), littleEndian) : 0;
        const commit = view.getUint32(at + (longSize === 8 && !littleEndian ? 12 : 8), littleEndian) & 0x3fff_ffff;
        if (commit < 8 || commit % 4 !== 0 || commit > MAX_SUBBUF_SIZE || high >= MOST_TIME) continue;
        if (wide !== 0 && wide !== 0xffff_ffff) continue;
        const reader = readers.find(({ capacity }) => capacity >= commit);
        if (reader === undefined || !this.examine(address + at, bytes.subarray(at), reader)) continue;
        break;
      }
  }

  private examine(address: number, there: Uint8Array, { abi, reader }: Readers): boolean {
    const { subbufSize } = reader;
    const page = there.length < subbufSize ? this.memory.read(address, subbufSize) : there.subarray(0, subbufSize);
    if (page.length < subbufSize) return false;
    const { header, damage, events, lastTime } = reader.scan(new Bytes(page, abi));
    if (damage !== undefined || events === 0 || header.timeStamp === 0n) return false;
    if (this.pages.length < MOST_PAGES)
      this.pages.push({ address, abi, first: header.timeStamp, last: lastTime!, events, size: header.size });
    else this.omitted++;
    return true;
  }
}

interface Readers {
  readonly abi: Abi;
  readonly reader: SubbufReader;
  readonly capacity: number;
}

function readersOf(abi: Abi): Readers[] {
  const readers: Readers[] = [];
  for (let size = MIN_SUBBUF_SIZE; size <= MAX_SUBBUF_SIZE; size *= 2) {
    const reader = new SubbufReader(abi, size);
    readers.push({ abi, reader, capacity: reader.capacity });
  }
  return readers;
}

/** The sub-buffers of no area: runs of them, and those that lie anywhere, by the area whose copies they are. */
export function looseOf(memory: PhysicalMemory, pages: readonly LoosePage[], areas: readonly Area[]): Loose[] {
  const inArea = (page: LoosePage): Area | undefined =>
    areas.find(({ address, image }) => page.address >= address && page.address < address + image.source.size);
  const owners = new Map<string, { readonly area: Area; readonly page: LoosePage }>();
  const outside: LoosePage[] = [];
  for (const page of pages) {
    const area = inArea(page);
    if (area === undefined) outside.push(page);
    else owners.set(keyOf(page), { area, page });
  }
  const ownerOf = (page: LoosePage): Area | undefined => {
    const same = owners.get(keyOf(page));
    return same && sameBytes(memory, page, same.page) ? same.area : undefined;
  };
  const found: Loose[] = [];
  const scattered = new Map<Area | undefined, LoosePage[]>();
  for (const { run, stride } of runsOf(outside)) {
    const owner = ownerOf(run[0]!);
    if (isRun(run, stride)) {
      found.push({
        address: run[0]!.address,
        pages: run,
        stride,
        contiguous: true,
        copyOf: run.every((p) => ownerOf(p) === owner) ? owner : undefined,
      });
      continue;
    }
    for (const page of run) {
      const of = ownerOf(page);
      if (of === undefined && !isFull(page)) continue;
      const known = scattered.get(of);
      if (known) known.push(page);
      else scattered.set(of, [page]);
    }
  }
  for (const [copyOf, loose] of scattered) {
    if (loose.length < SCATTERED) continue;
    const address = loose[0]!.address;
    loose.sort((a, b) => (a.first < b.first ? -1 : 1));
    const stride = largest(loose);
    found.push({ address, pages: loose, stride, contiguous: false, copyOf });
  }
  return found;
}

const keyOf = ({ first, last, size }: LoosePage): string => `${first} ${last} ${size}`;

function sameBytes(memory: PhysicalMemory, one: LoosePage, other: LoosePage): boolean {
  const length = one.size + 8 + one.abi.longSize;
  return Buffer.compare(memory.read(one.address, length), memory.read(other.address, length)) === 0;
}

/** The smallest sub-buffer that holds what it has. */
function sizeOf({ abi, size }: LoosePage): number {
  let room = MIN_SUBBUF_SIZE;
  while (room < size + 8 + abi.longSize) room *= 2;
  return room;
}

const largest = (pages: readonly LoosePage[]): number => pages.reduce((most, page) => Math.max(most, sizeOf(page)), 0);

const isFull = (page: LoosePage): boolean => page.size >= FULL * sizeOf(page);

/** Pages one behind another; those of equal machines, as far apart as the largest needs. */
function runsOf(pages: readonly LoosePage[]): { run: LoosePage[]; stride: number }[] {
  const runs: { run: LoosePage[]; stride: number }[] = [];
  for (const page of pages) {
    const last = runs.at(-1);
    const before = last?.run.at(-1);
    const distance = before === undefined ? 0 : page.address - before.address;
    const fits = last !== undefined && before!.abi === page.abi && (last.run.length === 1 || last.stride === distance);
    if (fits && distance <= MAX_SUBBUF_SIZE && (distance & (distance - 1)) === 0) {
      last.run.push(page);
      last.stride = distance;
    } else runs.push({ run: [page], stride: sizeOf(page) });
  }
  return runs;
}

/** Whether pages are a ring's: their times rise, but where the ring's end meets its beginning. */
function isRun(run: readonly LoosePage[], stride: number): boolean {
  // The fullest of a ring's pages tells their size.
  if (run.length < RUN || largest(run) !== stride) return false;
  let back = 0;
  for (let i = 1; i < run.length; i++) if (run[i]!.first < run[i - 1]!.last) back++;
  return back <= Math.max(1, run.length / 8) && run.filter(isFull).length * 2 >= run.length;
}
