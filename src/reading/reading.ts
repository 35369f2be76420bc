import { Diagnostics, type Findings } from "../ground/diagnostics.js";
import type { Image } from "../image/image.js";
import type { KnownHeaders } from "../kernel/known-headers.js";
import { type CpuReading, type CpuReadingContents, draftCpu, finishCpu, ReadCpu } from "./cpu-reading.js";
import { addFindings } from "./findings.js";
import { ReadHeaders } from "./read-headers.js";
import { SubbufWalk } from "./subbuf-walk.js";
import { isTorn, resync } from "./torn.js";

/** What can be believed of an image: every command that shows or counts events takes them from here. */
export interface Reading {
  readonly image: Image;
  readonly cpus: readonly CpuReading[];
  /** What opening the image found (`image.diagnostics`), then what is wrong with the sub-buffers. */
  readonly findings: Findings;
}

interface ImageReading extends Reading {
  readonly cpus: readonly ReadCpu[];
}

const readings = new WeakMap<Image, ImageReading>();

/**
 * The reading of an image; worked out when it is first asked for, and the same each time.
 * @param onSubbuf told of every sub-buffer that is walked
 */
export function readingOf(image: Image, onSubbuf?: () => void): Reading {
  return ownReading(image, onSubbuf);
}

function ownReading(image: Image, onSubbuf?: () => void): ImageReading {
  let reading = readings.get(image);
  if (reading === undefined) {
    const walk = new SubbufWalk(image);
    for (let piece = 0; piece < walk.count; piece++) walk.walk(piece, onSubbuf);
    reading = read(image, walk);
    readings.set(image, reading);
  }
  return reading;
}

/** The headers of its sub-buffers, as they were read. */
export function headersOf(image: Image): KnownHeaders {
  return new ReadHeaders(ownReading(image).cpus.map(({ table }) => table));
}

/** Works out the reading from a walk whose pieces are all done. Nobody has asked for it yet (isUnread()). */
export function readWalked(image: Image, walk: SubbufWalk): void {
  readings.set(image, read(image, walk));
}

/** Nobody has asked for the reading of this image yet. */
export function isUnread(image: Image): boolean {
  return !readings.has(image);
}

/** A reading as plain data, which other threads take over. */
export interface ReadingContents {
  readonly cpus: readonly CpuReadingContents[];
  readonly findings: Findings;
}

export function readingContents(image: Image): ReadingContents {
  const { cpus, findings } = ownReading(image);
  return { cpus: cpus.map(({ contents }) => contents), findings };
}

/** Another thread has read this image. */
export function takeOverReading(image: Image, { cpus, findings }: ReadingContents): void {
  const readCpus = cpus.map((contents, cpu) => ReadCpu.from(image.cpus[cpu]!, contents));
  readings.set(image, { image, cpus: readCpus, findings });
}

function read(image: Image, walk: SubbufWalk): ImageReading {
  const drafts = walk.cpus.map((walked) => draftCpu(image, walked));
  if (drafts.some(isTorn)) resync(image, drafts);
  const cpus = drafts.map((draft) => finishCpu(draft));
  const diagnostics = new Diagnostics(image.diagnostics);
  for (const cpu of cpus) addFindings(image, cpu, diagnostics);
  return { image, cpus, findings: diagnostics.findings() };
}
