import { builtinTypes } from "../events/builtin/types.js";
import type { TraceEvent } from "../events/event.js";
import { imageEvents } from "../events/image-events.js";
import type { EventStream } from "../events/stream.js";
import type { Image } from "../image/image.js";
import { traceFileBehaviourOf } from "../kernel/versions/printing.js";
import { readingOf } from "../reading/reading.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { WritingKernel } from "../system/writing-kernel.js";

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
  /** Whether the formats can be those of the kernel that wrote the image. */
  readonly verdict: "fits" | "wrong";
}

/** Records looked at: enough to tell a kernel, and quick in the largest image. */
const MOST_RECORDS = 32_768;
/** Of each type, records whose fields are looked into. */
const MOST_LOOKED_INTO = 256;
/** Structs end at a multiple of their largest member, and records at a multiple of 4. */
const PADDING = 8;

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

const fits = new WeakMap<Image, WeakMap<ReadonlyMap<number, EventFormat>, Fit>>();

/** How a kernel's event formats fit an image's records; worked out once. */
export function formatsFit(image: Image, { formats, release }: Pick<WritingKernel, "formats" | "release">): Fit {
  const ofImage = fits.get(image) ?? new WeakMap<ReadonlyMap<number, EventFormat>, Fit>();
  fits.set(image, ofImage);
  let fit = ofImage.get(formats);
  if (fit === undefined) {
    const { cpus } = readingOf(image);
    const builtin = builtinTypes(traceFileBehaviourOf(release, image.layout).retaddrType);
    fit = fitOf(imageEvents(image, cpus), formats, {
      known: (type) => builtin[type] !== undefined,
      torn: cpus.some(({ unread }) => unread.some(({ repairs }) => repairs.includes("resynchronised"))),
    });
    ofImage.set(formats, fit);
  }
  return fit;
}

/**
 * Walks over the records and counts.
 * @param known whether ftrace's own layouts tell a type
 * @param torn whether records may hold other records' bytes
 */
export function fitOf(
  events: EventStream,
  formats: ReadonlyMap<number, EventFormat>,
  { known, torn }: { known(type: number): boolean; torn: boolean },
): Fit {
  const types = new Map<number, TypeCount>();
  let records = 0;
  for (let event = events.next(); event !== undefined && records < MOST_RECORDS; event = events.next()) {
    records++;
    const { type, dataSize } = event;
    let count = types.get(type);
    if (count === undefined) {
      count = new TypeCount(shapeOf(formats.get(type), known(type)));
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
  const wrong =
    (!torn && share((count) => count.records >= ENOUGH && count.contradicts) > OF_ALL) ||
    share((count) => count.contradicts) > OF_ALL_RARE ||
    share((count) => count.contradicts || count.isOdd) > OF_ALL_WEAK;
  return {
    records,
    fitting: [...types.values()].reduce((sum, { fitting }) => sum + fitting, 0),
    told: [...types].reduce((sum, [type, { fitting }]) => sum + (isTold(formats.get(type)) ? fitting : 0), 0),
    types: new Set(types.keys()),
    unknown: of(({ shape, records: all }) => (shape === undefined ? all : 0)),
    short: of(({ short }) => short),
    long: of(({ long }) => long),
    odd: new Map(
      [...types].flatMap(([type, { odd, weaklyOdd, field }]) =>
        field === undefined ? [] : [[type, { count: odd + weaklyOdd, field }]],
      ),
    ),
    verdict: wrong ? "wrong" : "fits",
  };
}

/** What records of a type must be like. */
interface Shape {
  readonly least: number;
  readonly most: number;
  readonly checks: readonly Check[];
}

interface Check {
  readonly field: string;
  readonly weak: boolean;
  holds(view: DataView, data: number, dataSize: number, littleEndian: boolean): boolean;
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

function shapeOf(format: EventFormat | undefined, known: boolean): Shape | undefined {
  // ftrace's own have a layout that no build changes, and arrays without a length.
  if (format === undefined || format.system === "ftrace")
    return known || format ? { least: 0, most: Number.POSITIVE_INFINITY, checks: [] } : undefined;
  const { fields } = format;
  const least = fields.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
  const grows = fields.some(({ shape, size }) => shape === "data_loc" || shape === "rel_loc" || size === 0);
  return {
    least,
    most: grows ? Number.POSITIVE_INFINITY : (Math.ceil(least / PADDING) + 1) * PADDING,
    checks: fields.flatMap((field) => checkOf(field, least) ?? []),
  };
}

function checkOf(field: EventField, least: number): Check | undefined {
  const { name, offset, shape, size } = field;
  if (shape === "data_loc" || shape === "rel_loc")
    return {
      field: name,
      weak: false,
      // Length above, offset below; that of __rel_loc counts from the field's own end.
      holds: (view, data, dataSize, littleEndian) => {
        const word = view.getUint32(data + offset, littleEndian);
        const at = (word & 0xffff) + (shape === "rel_loc" ? offset + size : 0);
        const length = word >>> 16;
        return word === 0 || (length === 0 ? at <= dataSize : at >= offset + size && at + length <= dataSize);
      },
    };
  if (field.type === "bool" && size === 1)
    return { field: name, weak: true, holds: (view, data) => view.getUint8(data + offset) < 2 };
  if (field.isString && shape === "array" && size > 1 && offset + size <= least && /^(const )?char\[/.test(field.type))
    return {
      field: name,
      weak: false,
      // A task may call itself anything, but hardly begins with a control character, as small numbers do.
      holds: (view, data) => {
        const first = view.getUint8(data + offset);
        return first === 0 || first >= 0x20;
      },
    };
  return undefined;
}
