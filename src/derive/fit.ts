import { builtinTypes } from "../events/builtin/types.js";
import { imagePages } from "../events/image-pages.js";
import type { EventPages } from "../events/page.js";
import type { Abi } from "../ground/abi.js";
import { latin1 } from "../ground/latin1.js";
import { parseRelease } from "../ground/release.js";
import type { Image } from "../image/image.js";
import { traceFileBehaviourOf } from "../kernel/versions/printing.js";
import type { CpuReading } from "../reading/cpu-reading.js";
import { readingOf } from "../reading/reading.js";
import { isWrittenBy } from "../ring/layouts.js";
import { longSizeOfHeaderPage } from "../system/context.js";
import { longSizeIn } from "../system/formats/long-size.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { FitCount, type TypeCount } from "./fit-count.js";
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

/** Records after which no other sub-buffer is looked at: enough to tell a kernel, and quick in the largest image. */
const ENOUGH_RECORDS = 32_768;
/** From so many records on, a type that contradicts is no damage. */
const ENOUGH = 3;
/** The share of all records in such types; in those of fewer records, and in any where the memory is torn. */
const OF_ALL = 0.0005;
const OF_ALL_RARE = 0.01;
/**
 * The same where damage is in most sub-buffers: then many types have none but foreign records, 6 % of all with a word in
 * twenty overwritten. Formats of another release contradict half of the records and more.
 */
const OF_ALL_TORN = 0.1;
const MOST = 2 / 3;
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
  /** The share of sub-buffers whose records may hold other records' bytes. */
  readonly torn: number;
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
    const builtin = builtinTypes(traceFileBehaviourOf(release, image.layout).retaddrType, formats);
    const count = new FitCount(formats, {
      known: (type) => builtin[type] !== undefined,
      syscalls: () => syscallsOf({ image, writer }),
    });
    countPages(imagePages(image, cpus), count);
    fit = fitOf(count, {
      torn: tornShare(cpus),
      strangeRelease: strangeRelease(image, writer),
      longSize: image.layout.abi.longSize,
      statedLong: longSizeOfHeaderPage(writer.files?.headerPage && latin1(writer.files.headerPage)),
    });
    ofImage.set(formats, fit);
  }
  return fit;
}

function tornShare(cpus: readonly CpuReading[]): number {
  let [torn, all] = [0, 0];
  for (const { unread } of cpus) {
    all += unread.length;
    for (const { repairs } of unread) if (repairs.includes("resynchronised")) torn++;
  }
  return torn / Math.max(all, 1);
}

/** Counts records of all CPUs, a page of each in turn. */
function countPages(cpus: readonly EventPages[], count: FitCount): void {
  const longest = cpus.reduce((most, { count: pages }) => Math.max(most, pages), 0);
  for (let position = 0; position < longest; position++)
    for (const pages of cpus) {
      if (count.records >= ENOUGH_RECORDS) return;
      if (position < pages.count) count.page(pages.page(position));
    }
}

/** What the records that were counted say. */
export function fitOf(count: FitCount, { torn, strangeRelease, longSize, statedLong }: FitContext): Fit {
  const { records, formats, types } = count;
  const of = (number: (type: TypeCount) => number): Map<number, number> =>
    new Map([...types].map(([type, each]) => [type, number(each)] as const).filter(([, n]) => n > 0));
  const share = (chosen: (type: TypeCount) => boolean): number =>
    [...types.values()].filter(chosen).reduce((sum, { records: all }) => sum + all, 0) / Math.max(records, 1);
  const fitting = [...types.values()].reduce((sum, each) => sum + each.fitting, 0);
  const told = [...types].reduce((sum, [type, each]) => sum + (isTold(formats.get(type)) ? each.fitting : 0), 0);
  const usedLong = statedLong ?? longSizeIn([...types.keys()].flatMap((type) => formats.get(type) ?? []));
  const otherLong = usedLong === longSize ? undefined : usedLong;
  const wrong =
    otherLong !== undefined ||
    // A distribution may have taken a layout over: records that fit their formats say more than a release.
    (strangeRelease?.by === "files" && (told === 0 || fitting < records)) ||
    (torn === 0 && share((each) => each.records >= ENOUGH && each.contradicts) > OF_ALL) ||
    share((each) => each.contradicts) > (torn > MOST ? OF_ALL_TORN : OF_ALL_RARE) ||
    share((each) => each.contradicts || each.isOdd) > OF_ALL_WEAK;
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

/** ftrace's own have a layout that no build changes. */
const isTold = (format: EventFormat | undefined): format is EventFormat =>
  format !== undefined && format.system !== "ftrace";
