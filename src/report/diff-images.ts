import { compareImages } from "../compare/images.js";
import { UsageError } from "../ground/errors.js";
import { hex } from "../ground/hex.js";
import type { Image } from "../image/image.js";
import { imageReport } from "./common.js";
import { toJson } from "./to-json.js";
import type { ViewChoice } from "./view-choice.js";

export type ImageDiffReport = ReturnType<typeof diffImages>;

/** Two images of one area, as the JSON document (schemas/diff.json). */
export function diffImages(a: Image, b: Image, options: Pick<ViewChoice, "cpu"> = {}) {
  const found = compareImages(a, b);
  for (const cpu of options.cpu ?? [])
    if (cpu >= a.cpus.length) throw new UsageError(`the images have CPUs 0 to ${a.cpus.length - 1}, not ${cpu}`, "cpu");
  return {
    schema: "rbtool/diff/2" as const,
    mode: "images" as const,
    before: imageReport(a),
    after: imageReport(b),
    same: found.same,
    layout: found.layout,
    area: found.area,
    addressDelta:
      found.addressDelta === undefined
        ? null
        : `${found.addressDelta < 0n ? "-" : ""}${hex(found.addressDelta < 0n ? -found.addressDelta : found.addressDelta)}`,
    cpus: toJson(options.cpu ? found.cpus.filter(({ cpu }) => options.cpu!.has(cpu)) : found.cpus),
  };
}
