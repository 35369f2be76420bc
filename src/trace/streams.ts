import { LastNames } from "../events/last-names.js";
import { forcesAlignment } from "../events/length-words.js";
import { Lessons } from "../events/lessons.js";
import { FixedNames, LearntNames } from "../events/names.js";
import { READ_ALL, type ReadPolicy, RingIter } from "../events/ring-iter.js";
import type { EventTest } from "../events/select/test.js";
import { EventStream } from "../events/stream.js";
import type { WriterDoubts } from "../events/writer-doubts.js";
import type { Image } from "../image/image.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { kernelPolicy } from "./after-boot.js";
import type { TracePages } from "./pages.js";
import type { TraceSpec } from "./spec.js";
import type { Trace } from "./trace.js";

/** What a trace is opened from. */
export interface Opening {
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly spec: TraceSpec;
  readonly rules: TraceFileBehaviour;
  readonly pages: TracePages;
  readonly uncertain: WriterDoubts | undefined;
}

export interface Streams {
  /** Each CPU's events, from the start. */
  readonly iters: () => RingIter[];
  readonly stream: (test?: EventTest) => EventStream;
  readonly names: Trace["names"];
  readonly lastNames: Trace["lastNames"];
}

/** The events in order, and the names that they teach, which learn from a stream of their own. */
export function streamsOf({ image, writer, spec, rules, pages, uncertain }: Opening, notes: string[]): Streams {
  let forced: boolean | undefined;
  const policy: ReadPolicy = {
    littleEndian: image.layout.abi.littleEndian,
    origin: pages.origin,
    uncertain,
    forcedAlignment: () => {
      forced ??= forcesAlignment(pages.sources);
      return forced;
    },
    ...(spec.asKernel === undefined ? READ_ALL : kernelPolicy(rules, image, notes)),
  };
  const iters = (): RingIter[] => pages.sources.map((source) => new RingIter(source.fork(), policy));
  const taught = namesTaught(image, writer, spec);
  const learnt: LearntNames | undefined = taught.lessons.some
    ? new LearntNames(taught.lessons, () => stream(), taught.saved)
    : undefined;
  const stream = (test?: EventTest): EventStream => new EventStream(iters(), test, undefined, learnt);
  return {
    iters,
    stream,
    names: learnt ?? new FixedNames(taught.saved),
    lastNames: () => new LastNames(taught.lessons, taught.saved),
  };
}

/** What names of tasks are told by. */
function namesTaught(
  { layout }: Image,
  { cmdlines, formats }: WritingKernel,
  { asKernel, names = "both" }: TraceSpec,
): { readonly lessons: Lessons; readonly saved: ReadonlyMap<number, string> | undefined } {
  const from = asKernel ? "none" : names;
  return {
    lessons: new Lessons(from === "both" || from === "events" ? formats : new Map(), layout.abi.littleEndian),
    saved: from === "both" || from === "saved" ? cmdlines : undefined,
  };
}
