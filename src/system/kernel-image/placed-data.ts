import type { KernelEvent } from "./event.js";
import type { NumberedEvent } from "./kernel-image.js";
import type { KernelModule } from "./module.js";
import type { DataRegion } from "./module-data.js";

/**
 * Where modules' data lies. The loader allocates each region by itself and nothing records where, but records point into
 * it: events print tables of functions ("ops") by their symbols, and few tables of few modules can lie at such an address.
 */
export interface PlacedRegion {
  readonly region: DataRegion;
  readonly address: bigint;
  /** The addresses in records that tell. */
  readonly by: readonly bigint[];
}

/** A module that the writing boot had, and where its text region began. */
export interface ModuleAt {
  readonly module: KernelModule;
  readonly address: bigint | undefined;
}

/** What can be told of a module's place but by its own data. */
export interface Surroundings {
  /** Words of records that are printed as symbols. */
  readonly pointers: Iterable<bigint>;
  /** The kernel itself, from _text to _end. */
  readonly kernel: readonly [bigint, bigint] | undefined;
  /** Modules that did something in this trace: one that did not is not asked for. */
  readonly atWork: ReadonlySet<string>;
}

/** Regions begin on pages; larger ones than these are multiples of it. */
const PAGE = 4096n;
/** How far a module's code reaches for its data, and for the kernel. */
const REACH = 1n << 31n;
/** Addresses that are looked at; real traces have a few. */
const MAX_POINTERS = 1024;

/** Fields whose values are printed as symbols (%pS, %ps, %pB), by the number of their event: where they lie. */
export function symbolFields(
  events: readonly NumberedEvent[],
  word: number,
  named: (name: string) => boolean = () => true,
): Map<number, number[]> {
  const out = new Map<number, number[]>();
  for (const { id, event } of events) {
    const offsets = /%p[SsB]/.test(event.printFmt) ? wordFields(event, word, named) : [];
    if (offsets.length > 0) out.set(id, offsets);
  }
  return out;
}

function wordFields({ fields, printFmt }: KernelEvent, word: number, named: (name: string) => boolean): number[] {
  return fields
    .filter(({ name, size }) => size === word && named(name) && printFmt.includes(`REC->${name}`))
    .map(({ offset }) => offset);
}

/** What would explain addresses: a region of a module, beginning at one place. */
interface Explanation {
  readonly module: string;
  readonly region: DataRegion;
  readonly address: bigint;
  readonly explained: readonly bigint[];
}

/** The regions that records leave no doubt about, by module. */
export function placeData(
  modules: readonly ModuleAt[],
  { pointers, kernel, atWork }: Surroundings,
): Map<string, PlacedRegion[]> {
  const placed = new Map<string, PlacedRegion[]>();
  const texts = modules.flatMap(({ module, address }) =>
    address === undefined ? [] : [[address, address + BigInt(module.textSize)] as const],
  );
  const taken = [...texts, ...(kernel === undefined ? [] : [kernel])];
  const near = (value: bigint): boolean =>
    texts.some(([start]) => value - start < REACH && start - value < REACH) &&
    !taken.some(([start, end]) => value >= start && value < end);
  const unknown = [...new Set(pointers)].filter(near).slice(0, MAX_POINTERS);
  if (unknown.length === 0) return placed;
  const all = modules.flatMap(({ module, address }) =>
    address === undefined ? [] : module.data().flatMap((region) => explanations(module.name, region, unknown, taken)),
  );
  const working = all.filter(({ module }) => atWork.has(module));
  for (const one of working) {
    // Of two that share an address, the one that explains more counts.
    const rivals = working.filter(
      (other) => other !== one && other.explained.some((pointer) => one.explained.includes(pointer)),
    );
    const others = working.filter((other) => other !== one && other.region === one.region);
    if ([...rivals, ...others].some(({ explained }) => explained.length >= one.explained.length)) continue;
    const { module, region, address, explained } = one;
    placed.set(module, [...(placed.get(module) ?? []), { region, address, by: explained }]);
  }
  return placed;
}

function explanations(
  module: string,
  region: DataRegion,
  pointers: readonly bigint[],
  taken: readonly (readonly [bigint, bigint])[],
): Explanation[] {
  const starts = new Map<bigint, bigint[]>();
  for (const pointer of pointers)
    for (const table of region.tables) {
      const address = pointer - BigInt(table);
      if (address % PAGE === 0n) starts.set(address, [...(starts.get(address) ?? []), pointer]);
    }
  return [...starts].flatMap(([address, explained]) =>
    taken.some(([start, end]) => address < end && address + BigInt(region.size) > start)
      ? []
      : [{ module, region, address, explained }],
  );
}
