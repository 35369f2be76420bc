import type { Image } from "../image/image.js";
import type { CpuReading } from "../reading/cpu-reading.js";
import { origin } from "./clock.js";
import { imagePages } from "./image-pages.js";
import { READ_ALL, RingIter } from "./ring-iter.js";
import { EventStream } from "./stream.js";

/** The unread events of these CPUs that are believed, all of them; their times count from some moment near the first. */
export function imageEvents(image: Image, readings: readonly CpuReading[]): EventStream {
  const policy = {
    littleEndian: image.layout.abi.littleEndian,
    origin: origin(readings.flatMap(({ unread }) => unread[0]?.time ?? [])[0] ?? 0n),
    ...READ_ALL,
  };
  return new EventStream(imagePages(image, readings).map((pages) => new RingIter(pages, policy)));
}
