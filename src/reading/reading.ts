import { Diagnostics, type Findings } from "../ground/diagnostics.js";
import type { Image } from "../image/image.js";
import { type CpuReading, type CpuReadingContents, draftCpu, finishCpu, ReadCpu } from "./cpu-reading.js";
import { addFindings } from "./findings.js";
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
    const elsewhere = readElsewhere.get(image);
    reading = elsewhere === undefined ? read(image, onSubbuf) : takenOver(image, elsewhere());
    readings.set(image, reading);
  }
  return reading;
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

/** By image that another thread reads: what waits for its contents. */
const readElsewhere = new WeakMap<Image, () => ReadingContents>();

/** Another thread reads this image. @param contents waits for them; asked when the reading is first asked for */
export function awaitReading(image: Image, contents: () => ReadingContents): void {
  readElsewhere.set(image, contents);
}

function takenOver(image: Image, { cpus, findings }: ReadingContents): ImageReading {
  return { image, cpus: cpus.map((contents, cpu) => ReadCpu.from(image.cpus[cpu]!, contents)), findings };
}

function read(image: Image, onSubbuf?: () => void): ImageReading {
  const drafts = image.cpus.map((cpu) => draftCpu(image, cpu, onSubbuf));
  if (drafts.some(isTorn)) resync(image, drafts);
  const cpus = drafts.map((draft) => finishCpu(draft));
  const diagnostics = new Diagnostics(image.diagnostics);
  for (const cpu of cpus) addFindings(image, cpu, diagnostics);
  return { image, cpus, findings: diagnostics.findings() };
}
