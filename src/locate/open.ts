import { NotAnImageError, StoppedError, UsageError } from "../ground/errors.js";
import type { ImageOptions } from "../image/detect/detect.js";
import { beginsLikeArea } from "../image/detect/signs.js";
import { type Image, readImage } from "../image/image.js";
import { lookDeeper } from "../image/not-an-image.js";
import { rawMemory } from "../input/memory/extents.js";
import { openInput } from "../input/memory/open.js";
import { FORMAT_NAMES, type PhysicalMemory } from "../input/memory/physical.js";
import type { Source } from "../input/source.js";
import { cpuMetaOffset } from "../ring/geometry.js";
import { type Area, areaIn, isProven } from "./area.js";
import { barePages, barePagesText } from "./bare-pages.js";
import { areaOfSighting, type Found, findAreas, type SearchWishes, turnedMemory } from "./find.js";
import { FramedPages } from "./framed.js";
import { bootMetaAt, chunkAt, LOOKED_AT } from "./kinds.js";
import { reordered, type Turned, turnedText } from "./reordered.js";

/** An image, and what a person should hear of where it was found. */
export interface Opened {
  readonly image: Image;
  readonly notes: readonly string[];
}

export interface OpenWishes extends ImageOptions, SearchWishes {}

/**
 * Opens an image: the area by itself, or a machine's memory with one persistent buffer in it. `PATH@ADDRESS` names one of
 * several. Throws InputError, NotAnImageError, and UsageError where several are there and none is named.
 * @param opened the argument's source, where it is open already
 */
export async function openAnyImage(argument: string, wishes: OpenWishes = {}, opened?: Source): Promise<Opened> {
  const { source, memory, address } = await openInput(argument, opened);
  if (memory !== undefined) return imageIn(memory, address, wishes);
  if (address !== undefined) {
    const turned = reordered(source, address);
    return turned === undefined ? imageIn(rawMemory(source), address, wishes) : turnedImage(turned, address, wishes);
  }
  if (beginsLikeArea(source)) return { image: readImage(source, wishes), notes: [] };
  const raw = rawMemory(source);
  const found = await searched(raw, wishes);
  const turned = turnedMemory(source, found);
  if (turned !== undefined) return turnedImage(turned, undefined, wishes);
  const { areas } = found;
  if (areas.some(isProven) && !areas.some(mayBeginBefore)) return chosen(raw, areas);
  try {
    const image = readImage(source, wishes);
    if (!image.layout.guessed) return { image, notes: [] };
    return framedImage(source) ?? { image, notes: [] };
  } catch (error) {
    if (!(error instanceof NotAnImageError)) throw error;
    if (areas.length > 0) return chosen(raw, areas);
    const framed = framedImage(source);
    if (framed === undefined) throw error;
    return framed;
  }
}

/** From memory that was in another order. */
async function turnedImage(turned: Turned, address: number | undefined, wishes: OpenWishes): Promise<Opened> {
  const { image, notes } = await imageIn(rawMemory(turned.source), address, wishes);
  return { image, notes: [turnedText(turned), ...notes] };
}

/** Sub-buffers without an area, in one that is made for them. */
function framedImage(source: Source): Opened | undefined {
  const pages = barePages(source);
  if (pages === undefined) return undefined;
  return { image: readImage(new FramedPages(source, pages)), notes: [`${source.name}: ${barePagesText(pages)}`] };
}

async function imageIn(memory: PhysicalMemory, address: number | undefined, wishes: OpenWishes): Promise<Opened> {
  if (address !== undefined) {
    const there = memory.read(address, LOOKED_AT);
    const sighting = bootMetaAt(there, address) ?? chunkAt(there, address);
    const area = sighting?.meta === undefined ? sighting && areaOfSighting(memory, sighting) : undefined;
    if (area !== undefined) return { image: area.image, notes: memory.notes };
  }
  const { areas } = await searched(memory, wishes);
  if (address === undefined) return chosen(memory, areas);
  const area = areas.find((each) => each.address === address);
  if (area !== undefined) return { image: area.image, notes: memory.notes };
  const others = areas.length === 0 ? "nor anywhere else in it" : `it has ${listOf(memory, areas)}`;
  throw notFound(memory, `${memory.name}: no persistent trace buffer at 0x${address.toString(16)}; ${others}`);
}

/** What was noticed of the memory may be why: a part of it is missing. */
function notFound({ notes }: PhysicalMemory, message: string): NotAnImageError {
  return new NotAnImageError([...notes, message].join("; "));
}

async function searched(memory: PhysicalMemory, wishes: SearchWishes): Promise<Found> {
  const found = await findAreas(memory, wishes);
  if (found.stopped) throw new StoppedError();
  return found;
}

/** The one area of a memory. */
function chosen(memory: PhysicalMemory, areas: readonly Area[]): Opened {
  const what = `${memory.name}: ${FORMAT_NAMES[memory.format]}`;
  const [area] = areas;
  if (area === undefined)
    throw notFound(memory, `${what} with no persistent trace buffer in it; ${lookDeeper(memory.name)}`);
  if (areas.length > 1)
    throw new UsageError(`${what} with ${areas.length} persistent buffers: name one of ${listOf(memory, areas)}`);
  return {
    image: area.image,
    notes: [...memory.notes, `${what}: reading the persistent buffer ${areaIn(memory, area)}`],
  };
}

function listOf(memory: PhysicalMemory, areas: readonly Area[]): string {
  return areas
    .map(({ address, image }) => `${memory.name}@0x${address.toString(16)} (${image.source.size} bytes)`)
    .join(", ");
}

/** Before 6.15 each CPU's part looks like an area of fewer CPUs: the input may be an image whose first part is damaged. */
function mayBeginBefore({ address, image: { layout } }: Area): boolean {
  const stride = cpuMetaOffset(layout.geometry, 1);
  return layout.generation === "per-cpu" && address % stride === 0 && address > 0;
}
