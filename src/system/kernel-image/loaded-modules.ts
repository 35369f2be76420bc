import { pluralVerb } from "../../ground/plural.js";
import { type ModuleFile, moduleName } from "./files.js";
import type { WritingBoot } from "./fit.js";
import type { KernelImage, NumberedEvent } from "./kernel-image.js";
import {
  bestOrder,
  candidateOrders,
  everyOrder,
  type LoadOrder,
  type LoadStep,
  mayBeSorted,
  misfits,
  numberEvents,
  type OrderEvidence,
  type ScoredOrder,
  stepsOf,
  unsettled,
} from "./load-order.js";
import { type KernelModule, openModule } from "./module.js";
import { type ModuleAt, type PlacedRegion, placeData, symbolFields } from "./placed-data.js";
import { locatedText } from "./record-fit.js";

/** A module that the writing boot had, with all that is known of its place. */
export interface LoadedModule extends ModuleAt {
  /** Its data, as far as records tell where it lay. */
  readonly data: readonly PlacedRegion[];
}

/** The modules of the writing boot, and their events with their numbers. */
export interface LoadedModules {
  readonly modules: readonly LoadedModule[];
  readonly events: readonly NumberedEvent[];
  /** Numbers that may mean another event: the order in which modules were loaded leaves a doubt. */
  readonly doubtful: ReadonlySet<number>;
  /** What is in doubt, or missing. */
  readonly notes: readonly string[];
}

/** Modules as a person lists them, oldest first. */
export interface ModuleList {
  readonly names: readonly string[];
  /** Where /proc/modules says that they lay. */
  readonly addresses: ReadonlyMap<string, bigint>;
}

/** What else is known of the modules. */
export interface ModuleSources {
  /** By how much KASLR moved the kernel. */
  readonly moved: bigint | undefined;
  /** Of the writing boot itself. */
  readonly stated: ModuleList | undefined;
  /** Of some boot of this build. */
  readonly collected: ModuleList | undefined;
}

const USE_ORDER = "a list of that boot's modules in the order in which they were loaded settles it";

/**
 * Reads the modules that the writing boot had, and numbers their events by replaying the order in which they were
 * loaded: the one that is stated, else those that the scratch area stands for, else what events of the image tell, else
 * that of another boot.
 */
export async function loadedModules(
  kernel: KernelImage,
  files: readonly ModuleFile[],
  boot: WritingBoot,
  { stated, collected, moved }: ModuleSources,
): Promise<LoadedModules> {
  const evidence = evidenceOf(kernel, boot);
  const listed = boot.modules.map(({ name }) => name);
  const orders = ordersOf(listed, stated, evidence.told, collected);
  const names = [...listed, ...(stated?.names ?? []), ...(orders[0]?.steps.map(({ name }) => name) ?? [])];
  const { modules, missing } = await openedModules(new Set(names), files, kernel);
  const addresses = new Map([
    ...(stated?.addresses ?? []),
    ...boot.modules.filter(({ address }) => address !== 0n).map(({ name, address }) => [name, address] as const),
  ]);
  const loaded = [...modules].map(([name, module]) => ({ module, address: addresses.get(name), data: [] }));
  const none = (...notes: string[]): LoadedModules => ({ modules: loaded, events: [], doubtful: new Set(), notes });
  const some = missing.slice(0, 8).join(", ") + (missing.length > 8 ? ", ..." : "");
  const noFile = `no file for ${missing.length} modules of the writing boot: ${some}`;
  if (modules.size === 0 && missing.length > 0)
    return none(`${noFile}; events of modules are not numbered: name their package, or their folder, too`);
  if (orders.length === 0) {
    const unknown = [...boot.sizes.keys()].filter((id) => id >= kernel.nextId).length;
    return unknown === 0
      ? none()
      : none(
          `${unknown} kinds of event are modules' or made at run time, and this image lists no modules: ${USE_ORDER}`,
        );
  }
  const sorted =
    stated === undefined && evidence.told.length === 0 && mayBeSorted(boot.modules.map(({ address }) => address));
  const every = sorted ? everyOrder(listed, modules) : undefined;
  const { best: whole, equals } = bestOrder([...orders, ...(every ?? [])], modules, kernel.nextId, evidence);
  const { best, behind } = withoutMisnumbered(whole, modules, kernel.nextId, evidence);
  const { doubtful, why } = doubtsOf(best, equals, {
    certain: stated !== undefined,
    foreign: stated === undefined && listed.length === 0 && evidence.told.length === 0,
    sorted,
    unsettled: sorted && every === undefined ? unsettled(best.events, modules, kernel.nextId, evidence) : new Set(),
  });
  const marked = new Set([...doubtful, ...behind]);
  const met = (ids: Iterable<number>): number => [...ids].filter((id) => boot.sizes.has(id)).length;
  const notes: string[] = [];
  if (missing.length > 0)
    notes.push(
      `${noFile}; events of modules that were loaded after them are ${behind.size > 0 ? "doubtful" : "not numbered"}`,
    );
  if (met(doubtful) > 0)
    notes.push(
      `${why}: ${met(doubtful)} kinds of event are marked as doubtful${stated === undefined ? `; ${USE_ORDER}` : ""}`,
    );
  const events = [...kernel.events, ...best.events];
  const placed = withData(loaded, events, boot, extentOf(kernel, moved));
  return { modules: placed, events: best.events, doubtful: marked, notes };
}

/** Modules by name, and those without a file. */
async function openedModules(
  names: ReadonlySet<string>,
  files: readonly ModuleFile[],
  { layout }: KernelImage,
): Promise<{ readonly modules: Map<string, KernelModule>; readonly missing: string[] }> {
  const byName = new Map(files.map((file) => [moduleName(file.path), file]));
  const modules = new Map<string, KernelModule>();
  const missing: string[] = [];
  for (const name of names) {
    const file = byName.get(name);
    if (file === undefined) missing.push(name);
    else modules.set(name, await openModule(file, layout));
  }
  return { modules, missing };
}

/**
 * A module without a file may have had events, and all numbers behind it mean others then: they are taken for what they would
 * be without it where no record contradicts that, and are in doubt; else they are not taken.
 */
function withoutMisnumbered(
  best: ScoredOrder,
  modules: ReadonlyMap<string, KernelModule>,
  firstId: number,
  evidence: OrderEvidence,
): { readonly best: ScoredOrder; readonly behind: ReadonlySet<number> } {
  const { steps } = best.order;
  const cut = steps.findIndex(({ name }) => !modules.has(name));
  if (cut < 0) return { best, behind: new Set() };
  const before = new Set(numberEvents(steps.slice(0, cut), modules, firstId).events.map(({ id }) => id));
  const behind = best.events.filter(({ id }) => !before.has(id));
  if (misfits(behind, evidence) === 0) return { best, behind: new Set(behind.map(({ id }) => id)) };
  const events = best.events.filter(({ id }) => before.has(id));
  return { best: { ...best, events, misfits: misfits(events, evidence) }, behind: new Set() };
}

/** Where the kernel itself lay, from _text to _end. */
function extentOf({ symbols }: KernelImage, moved: bigint | undefined): readonly [bigint, bigint] | undefined {
  const start = symbols?.addressOf("_text");
  const end = symbols?.addressOf("_end");
  return start === undefined || end === undefined ? undefined : [start + (moved ?? 0n), end + (moved ?? 0n)];
}

function withData(
  modules: readonly LoadedModule[],
  events: readonly NumberedEvent[],
  boot: WritingBoot,
  kernel: readonly [bigint, bigint] | undefined,
): readonly LoadedModule[] {
  if (modules.every(({ address }) => address === undefined)) return modules;
  const pointers = boot.words?.(symbolFields(events, boot.abi.longSize)) ?? new Set<bigint>();
  const met = new Set(events.filter(({ id }) => boot.sizes.has(id)).map(({ event }) => event));
  const atWork = new Set(
    modules.filter(({ module }) => module.events.some((event) => met.has(event))).map(({ module }) => module.name),
  );
  const placed = placeData(modules, { pointers, kernel, atWork });
  return modules.map((one) => ({ ...one, data: placed.get(one.module.name) ?? [] }));
}

function ordersOf(
  listed: readonly string[],
  stated: ModuleList | undefined,
  told: readonly LoadStep[],
  collected: ModuleList | undefined,
): LoadOrder[] {
  const one = (steps: readonly LoadStep[]): LoadOrder[] => [{ steps, listedAtOnce: 0 }];
  if (stated !== undefined) return one(stepsOf(stated.names));
  if (listed.length > 0) return candidateOrders(listed);
  if (told.length > 0) return one(told);
  return collected === undefined ? [] : one(stepsOf(collected.names));
}

interface OrderDoubts {
  /** Somebody knows it. */
  readonly certain: boolean;
  /** It is another boot's. */
  readonly foreign: boolean;
  /** The entries stand by address, as a boot that recovers the area leaves them. */
  readonly sorted: boolean;
  /** Numbers that an order which was not looked at could change. */
  readonly unsettled: ReadonlySet<number>;
}

function doubtsOf(
  best: ScoredOrder,
  equals: readonly ScoredOrder[],
  { certain, foreign, sorted, unsettled }: OrderDoubts,
): { readonly doubtful: ReadonlySet<number>; readonly why: string } {
  const all = new Set(best.events.map(({ id }) => id));
  if (best.misfits > 0)
    return {
      doubtful: all,
      why: `${pluralVerb(best.misfits, "record", ["does", "do"])} not fit the load order of the modules${certain ? "" : " that fits best"}`,
    };
  if (best.broken > 0 && !certain)
    return {
      doubtful: all,
      why: sorted
        ? "the modules stand by address (a later boot sorts them), and the load order is lost"
        : "no load order of the modules agrees with what they need of each other",
    };
  if (foreign) return { doubtful: all, why: "the load order of the modules is another boot's" };
  const doubtful = new Set([...best.reused, ...unsettled]);
  const own = new Map(best.events.map(({ id, event }) => [id, event]));
  for (const other of equals)
    for (const { id, event } of other.events) if (own.has(id) && own.get(id) !== event) doubtful.add(id);
  const why =
    sorted && (unsettled.size > 0 || equals.length > 1)
      ? "the modules stand by address, as a later boot sorts them: another load order fits these as well"
      : equals.length > 1
        ? `the image allows ${equals.length} load orders of the modules`
        : "modules came and went, and numbers of events with them";
  return { doubtful, why };
}

/** Records of a kind of event that are looked at closely. */
const SAMPLES = 16;
/** Modules that come and go. */
const MAX_STEPS = 4096;

/** What the image's records say of the order: module_load and module_free, and whether the others can be what they seem. */
function evidenceOf({ events, nextId }: KernelImage, { sizes, records }: WritingBoot): OrderEvidence {
  const find = (wanted: string) => events.find(({ event: { system, name } }) => system === "module" && name === wanted);
  const load = find("module_load");
  const free = find("module_free");
  const ids = new Set([load?.id, free?.id].filter((id) => id !== undefined));
  const told = (records?.(ids, MAX_STEPS) ?? []).flatMap(({ id, data }): LoadStep[] => {
    const event = id === load?.id ? load.event : free!.event;
    const name = locatedText(event, data, "name");
    return name === undefined ? [] : [{ name: name.replaceAll("-", "_"), unload: id === free?.id }];
  });
  const ofModules = new Set([...sizes.keys()].filter((id) => id >= nextId));
  return { sizes, told, records: records?.(ofModules, SAMPLES) ?? [] };
}

/**
 * A list of modules as somebody has it: /proc/modules or lsmod, newest first; or a name a line, in the order in which
 * they were loaded.
 */
export function parseModuleOrder(text: string): ModuleList {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const words = lines.filter((line) => !/^Module\s+Size\s+Used by/.test(line)).map((line) => line.split(/\s+/));
  const names = words.map(([name]) => moduleName(name!));
  const addresses = new Map<string, bigint>();
  words.forEach(([, , , , , address], i) => {
    // Without privilege, /proc/modules has zeros.
    if (/^0x[0-9a-f]+$/.test(address ?? "") && BigInt(address!) !== 0n) addresses.set(names[i]!, BigInt(address!));
  });
  return { names: lines.some((line) => /^\S+\s+\d+\s+\d+/.test(line)) ? names.reverse() : names, addresses };
}
