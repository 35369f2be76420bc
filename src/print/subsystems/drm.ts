import { INT } from "../../system/formats/ctype.js";
import { arg, type Calls, type Emit, inRecord } from "../call.js";
import type { PrintedRecord } from "../record.js";
import { check } from "../runtime.js";

/** A side of struct drm_rect (include/drm/drm_rect.h): two of its ints. */
function side(r: PrintedRecord, at: number, from: number): number {
  check(r, at, 16);
  const { d, littleEndian } = r;
  return (d.getInt32(at + from + 8, littleEndian) - d.getInt32(at + from, littleEndian)) | 0;
}

const measure =
  (from: 0 | 4): Emit =>
  (g, args, at) => {
    g.risky = true;
    const rect = inRecord(g, arg(args, 0, at));
    return { r: "n", code: `${g.keep(side)}(R,${rect},${from})`, t: INT };
  };

export const DRM_CALLS: Calls = { drm_rect_width: measure(0), drm_rect_height: measure(4) };
