import { openBinary } from "../input/open.js";
import { MemorySource, type Source } from "../input/source.js";
import type { ImageOptions } from "./detect/detect.js";
import { beginsLikeArea } from "./detect/signs.js";
import { type Image, readImage } from "./image.js";

/**
 * Opens an image: a path (`-` for standard input; gzip and zstd are undone), the bytes themselves, or any Source.
 * @throws InputError when it cannot be read; NotAnImageError when it is no persistent trace buffer
 */
export async function openImage(input: string | Uint8Array | Source, options?: ImageOptions): Promise<Image> {
  if (typeof input === "string") return readImage(await openBinary(input, beginsLikeArea), options);
  return readImage(input instanceof Uint8Array ? new MemorySource(input) : input, options);
}
