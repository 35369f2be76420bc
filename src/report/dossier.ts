import type { Image } from "../image/image.js";
import { copyOf } from "../input/source.js";
import type { Trace } from "../trace/trace.js";
import { VERSION } from "../version.js";
import { check } from "./check.js";
import { inspect } from "./inspect.js";
import { type LaneData, laneData } from "./lanes.js";
import { last } from "./last.js";
import { latency } from "./latency.js";

/** How it was made, for who gets it by mail. */
export interface Making {
  /** As it was called. */
  readonly options: readonly string[];
  readonly sha256: string;
}

export interface DossierSources {
  /** All that the image holds: what `last` and the lanes go by. */
  readonly trace: Trace;
  /** What was chosen of it: what the tables go by. */
  readonly chosen: Trace;
  readonly making: Making;
}

export type Dossier = ReturnType<typeof dossier>;

const LAST_EVENTS = 5;
/** Bytes of a finding that are shown. */
const FINDING_BYTES = 32;
const MOST_FINDINGS = 100;

/** Everything that the HTML report shows, out of the reports of the other commands. */
export function dossier({ trace, chosen, making }: DossierSources) {
  const { image } = trace;
  const inspected = inspect(image, { pages: true });
  const lanes: LaneData = laneData(chosen);
  return {
    last: last(trace, LAST_EVENTS),
    latency: latency(chosen, undefined),
    inspect: inspected,
    check: check(image, {}, { kernels: [], all: false }),
    lanes,
    findings: inspected.diagnostics.slice(0, MOST_FINDINGS).map((finding) => ({
      ...finding,
      bytes: bytesAt(image, finding.offset),
    })),
    made: {
      version: VERSION,
      ...making,
      image: image.source.name,
      size: image.source.size,
      release: trace.release,
      formats: trace.writer.formats.size,
      symbols: trace.writer.kallsyms !== undefined,
    },
  };
}

function bytesAt({ source }: Image, offset: number): string {
  const bytes = copyOf(source, offset, Math.max(0, Math.min(FINDING_BYTES, source.size - offset)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
