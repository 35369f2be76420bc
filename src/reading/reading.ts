import { Diagnostics, type Findings } from "../ground/diagnostics.js";
import type { Image } from "../image/image.js";
import { type CpuReading, draftCpu, finishCpu } from "./cpu-reading.js";
import { addFindings } from "./findings.js";
import { isTorn, resync } from "./torn.js";

/** What can be believed of an image: every command that shows or counts events takes them from here. */
export interface Reading {
  readonly image: Image;
  readonly cpus: readonly CpuReading[];
  /** What opening the image found (`image.diagnostics`), then what is wrong with the sub-buffers. */
  readonly findings: Findings;
}

const readings = new WeakMap<Image, Reading>();

/**
 * The reading of an image; worked out when it is first asked for, and the same each time.
 * @param onSubbuf told of every sub-buffer that is walked
 */
export function readingOf(image: Image, onSubbuf?: () => void): Reading {
  let reading = readings.get(image);
  if (reading === undefined) {
    reading = read(image, onSubbuf);
    readings.set(image, reading);
  }
  return reading;
}

function read(image: Image, onSubbuf?: () => void): Reading {
  const drafts = image.cpus.map((cpu) => draftCpu(image, cpu, onSubbuf));
  if (drafts.some(isTorn)) resync(image, drafts);
  const cpus = drafts.map((draft) => finishCpu(draft));
  const diagnostics = new Diagnostics(image.diagnostics);
  for (const cpu of cpus) addFindings(image, cpu, diagnostics);
  return { image, cpus, findings: diagnostics.findings() };
}
