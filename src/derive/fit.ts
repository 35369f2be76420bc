import { builtinTypes } from "../events/builtin/types.js";
import type { TraceEvent } from "../events/event.js";
import { imageEvents } from "../events/image-events.js";
import type { EventStream } from "../events/stream.js";
import type { Abi } from "../ground/abi.js";
import { latin1 } from "../ground/latin1.js";
import { parseRelease } from "../ground/release.js";
import type { Image } from "../image/image.js";
import { traceFileBehaviourOf } from "../kernel/versions/printing.js";
import { readingOf } from "../reading/reading.js";
import { isWrittenBy } from "../ring/layouts.js";
import { longSizeOfHeaderPage } from "../system/context.js";
import { longSizeIn } from "../system/formats/long-size.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { SyscallNames } from "../system/syscalls/names.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { CallNumbers } from "./call-numbers.js";
import { type Shape, shapeOf } from "./fit-shape.js";
import { syscallsOf } from "./syscalls.js";

/** How a set of event formats fits the records of an image. */
export interface Fit {
  readonly records: number;
  /** Records that a format file or ftrace's own layouts can tell, and that are as these say. */
  readonly fitting: number;
  /** Of these, records of events that a format file tells. */
  readonly told: number;
  /** Types that occur. */
  readonly types: ReadonlySet<number>;
  /** Types that no format knows: how many records. */
  readonly unknown: ReadonlyMap<number, number>;
  /** Types whose records are shorter than the fields of their format. */
  readonly short: ReadonlyMap<number, number>;
  /** Types whose records are longer than a format without anything of variable length. */
  readonly long: ReadonlyMap<number, number>;
  /** Types whose records hold in a field what it cannot hold: how many, and in which field. */
  readonly odd: ReadonlyMap<number, { readonly count: number; readonly field: string }>;
  /** The size of a long in the formats, where it is another than in the image. */
  readonly otherLong: Abi["longSize"] | undefined;
  /** The writing kernel's release as stated, where no kernel of it writes the image's layout. */
  readonly strangeRelease: StrangeRelease | undefined;
  /** Whether the formats can be those of the kernel that wrote the image. */
  readonly verdict: "fits" | "wrong";
}

/** Records looked at: enough to tell a kernel, and quick in the largest image. */
const MOST_RECORDS = 32_768;
/** Of each type, records whose fields are looked into. */
const MOST_LOOKED_INTO = 256;
/**
 * Damage makes single records misfit, formats of another build all records of a type: such a type contradicts. Right
 * formats have none; of records torn apart, few look like a type's at all.
 */
const OF_A_TYPE = 0.5;
/** From so many records on, a type that contradicts is no damage. */
const ENOUGH = 3;
/** The share of all records in such types; in those of fewer records, and in any where the memory is torn. */
const OF_ALL = 0.0005;
const OF_ALL_RARE = 0.01;
/** A flag that is neither 0 nor 1 is weak evidence: a driver may fill it from its hardware. */
const OF_ALL_WEAK = 0.25;

/** A release, no kernel of which writes the image's layout, and who states it. */
export interface StrangeRelease {
  readonly release: string;
  /** The files that the formats come with, or a person, whose word says nothing of the formats. */
  readonly by: "files" | "person";
}

export function strangeRelease(
  { layout }: Image,
  { release, releaseStated }: Pick<WritingKernel, "release" | "releaseStated">,
): StrangeRelease | undefined {
  const version = parseRelease(release ?? "");
  if (release === undefined || version === undefined || layout.guessed || isWrittenBy(layout, version))
    return undefined;
  return { release, by: releaseStated ? "person" : "files" };
}

/** What is known beside records and formats. */
export interface FitContext {
  /** Whether ftrace's own layouts tell a type. */
  known(type: number): boolean;
  /** Whether records may hold other records' bytes. */
  readonly torn: boolean;
  /** Of the architecture; asked only where system calls have events of their own. */
  syscalls(): SyscallNames;
  readonly strangeRelease: StrangeRelease | undefined;
  /** In the image. */
  readonly longSize: Abi["longSize"];
  /** As the file header_page beside the formats has it. */
  readonly statedLong: Abi["longSize"] | undefined;
}

type Writer = Pick<WritingKernel, "formats" | "release" | "releaseStated" | "kallsyms" | "files">;

const fits = new WeakMap<Image, WeakMap<ReadonlyMap<number, EventFormat>, Fit>>();

/** How a kernel's event formats fit an image's records; worked out once. */
export function formatsFit(image: Image, writer: Writer): Fit {
  const { formats, release } = writer;
  const ofImage = fits.get(image) ?? new WeakMap<ReadonlyMap<number, EventFormat>, Fit>();
  fits.set(image, ofImage);
  let fit = ofImage.get(formats);
  if (fit === undefined) {
    const { cpus } = readingOf(image);
    const builtin = builtinTypes(traceFileBehaviourOf(release, image.layout).retaddrType);
    fit = fitOfRecords(imageEvents(image, cpus), formats, {
      known: (type) => builtin[type] !== undefined,
      torn: cpus.some(({ unread }) => unread.some(({ repairs }) => repairs.includes("resynchronised"))),
      syscalls: () => syscallsOf({ image, writer }),
      strangeRelease: strangeRelease(image, writer),
      longSize: image.layout.abi.longSize,
      statedLong: longSizeOfHeaderPage(writer.files?.headerPage && latin1(writer.files.headerPage)),
    });
    ofImage.set(formats, fit);
  }
  return fit;
}

/** Walks over the records and counts. */
export function fitOfRecords(events: EventStream, formats: ReadonlyMap<number, EventFormat>, facts: FitContext): Fit {
  const { torn, strangeRelease, longSize } = facts;
  const calls = new CallNumbers(facts.syscalls, formats.values());
  const types = new Map<number, TypeCount>();
  let records = 0;
  for (let event = events.next(); event !== undefined && records < MOST_RECORDS; event = events.next()) {
    records++;
    const { type, dataSize } = event;
    let count = types.get(type);
    if (count === undefined) {
      count = new TypeCount(shapeOf(formats.get(type), facts.known(type), calls));
      types.set(type, count);
    }
    count.records++;
    const { shape } = count;
    if (shape === undefined) continue;
    if (dataSize < shape.least) count.short++;
    else if (dataSize > shape.most) count.long++;
    else if (count.lookedInto >= MOST_LOOKED_INTO || shape.checks.length === 0) count.fitting++;
    else count.lookInto(event, shape);
  }
  const of = (number: (count: TypeCount) => number): Map<number, number> =>
    new Map([...types].map(([type, count]) => [type, number(count)] as const).filter(([, n]) => n > 0));
  const share = (chosen: (count: TypeCount) => boolean): number =>
    [...types.values()].filter(chosen).reduce((sum, { records: all }) => sum + all, 0) / Math.max(records, 1);
  const fitting = [...types.values()].reduce((sum, count) => sum + count.fitting, 0);
  const told = [...types].reduce((sum, [type, count]) => sum + (isTold(formats.get(type)) ? count.fitting : 0), 0);
  const usedLong = facts.statedLong ?? longSizeIn([...types.keys()].flatMap((type) => formats.get(type) ?? []));
  const otherLong = usedLong === longSize ? undefined : usedLong;
  const wrong =
    otherLong !== undefined ||
    // A distribution may have taken a layout over: records that fit their formats say more than a release.
    (strangeRelease?.by === "files" && (told === 0 || fitting < records)) ||
    (!torn && share((count) => count.records >= ENOUGH && count.contradicts) > OF_ALL) ||
    share((count) => count.contradicts) > OF_ALL_RARE ||
    share((count) => count.contradicts || count.isOdd) > OF_ALL_WEAK;
  return {
    records,
    fitting,
    told,
    types: new Set(types.keys()),
    unknown: of(({ shape, records: all }) => (shape === undefined ? all : 0)),
    short: of(({ short }) => short),
    long: of(({ long }) => long),
    odd: new Map(
      [...types].flatMap(([type, { odd, weaklyOdd, field }]) =>
        field === undefined ? [] : [[type, { count: odd + weaklyOdd, field }]],
      ),
    ),
    otherLong,
    strangeRelease,
    verdict: wrong ? "wrong" : "fits",
  };
}

class TypeCount {
  records = 0;
  fitting = 0;
  short = 0;
  long = 0;
  odd = 0;
  weaklyOdd = 0;
  lookedInto = 0;
  field: string | undefined;

  constructor(readonly shape: Shape | undefined) {}

  lookInto(event: TraceEvent, { checks }: Shape): void {
    const { view, data, dataSize, page } = event;
    const failed = checks.find((check) => !check.holds(view, data, dataSize, page.bytes.abi.littleEndian));
    this.lookedInto++;
    if (failed === undefined) this.fitting++;
    else {
      if (failed.weak) this.weaklyOdd++;
      else this.odd++;
      this.field ??= failed.field;
    }
  }

  get contradicts(): boolean {
    return this.short + this.long > this.records * OF_A_TYPE || this.odd > this.lookedInto * OF_A_TYPE;
  }

  get isOdd(): boolean {
    return this.odd + this.weaklyOdd > this.lookedInto * OF_A_TYPE;
  }
}

/** ftrace's own have a layout that no build changes. */
const isTold = (format: EventFormat | undefined): format is EventFormat =>
  format !== undefined && format.system !== "ftrace";
