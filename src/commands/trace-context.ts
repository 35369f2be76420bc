import { readFileSync } from "node:fs";
import { release as machineRelease } from "node:os";
import { type Fit, formatsFit, strangeRelease } from "../derive/fit.js";
import { writingBootOf } from "../derive/writing-boot.js";
import { InputError, UsageError } from "../ground/errors.js";
import { parseRelease } from "../ground/release.js";
import type { Image } from "../image/image.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import { type Io, tell } from "../io.js";
import type { OptionGroup, OptionSpec } from "../spec/spec.js";
import { NO_MODULES, type SystemFiles } from "../system/collector.js";
import { buildContext, type ContextFiles, longSizeOfHeaderPage, type TraceContext } from "../system/context.js";
import type { ChosenKernel } from "../system/kernel-image/chosen-kernel.js";
import { type ContextSources, gatherSystem, loadContextFiles } from "../system/load.js";
import { type WritingKernel, writingKernel } from "../system/writing-kernel.js";
import type { KernelOptions } from "./chosen-kernel.js";
import { collectionsIn, modulesOf, wordOnModulesAlone } from "./collections.js";
import { misfitText, refuseMisfit, strangeReleaseText } from "./formats-fit.js";

/** The options that say what is known of the writing kernel. */
export interface ContextOptions extends KernelOptions {
  readonly system?: readonly string[];
  readonly events?: string;
  readonly kallsyms?: string;
  readonly printkFormats?: string;
  readonly cmdlines?: string;
  readonly btf?: string;
  readonly live?: boolean;
}

const TRACEFS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

export const MODULE_ORDER_OPTION: OptionSpec = {
  flags: "--module-order <file>",
  about:
    "the order in which modules were loaded: /proc/modules of the writing boot, lsmod's output, or one name a line",
  completes: "file",
};
const FORCED = "proceed even if the kernel, or the event formats, are not those that wrote the image";
const FORCE_OPTION: OptionSpec = { flags: "--force", about: FORCED };
/** The same where a file is written, too. */
export const FORCE_WRITING_OPTION: OptionSpec = { flags: "--force", about: `${FORCED}; overwrite existing files` };
export const BTF_OPTION: OptionSpec = {
  flags: "--btf <path>",
  about: "/sys/kernel/btf/vmlinux of that build, or a copy of /sys/kernel/btf: its types",
  completes: "file",
};
/** A slip must not pass for a release of which nothing is known. */
function parseWriterRelease(text: string): string {
  if (parseRelease(text) === undefined)
    throw new UsageError(
      `--writer-release ${text}: not a kernel release; write it like 7.3.4, or as uname -r prints it`,
    );
  return text;
}

export const RELEASE_OPTION: OptionSpec = {
  flags: "--writer-release <release>",
  about: "the writing kernel's release, if no file says it or there are files of several",
  parse: parseWriterRelease,
  completes: "nothing",
  was: [{ flags: "--release <release>" }],
};

const SYSTEM_OPTION: OptionSpec = {
  flags: "--system <path>",
  about:
    "where to learn about the writing kernel: what `rbtool collect-script` collected, or the kernel's own package, " +
    "boot image or modules, packed or not; recognised by content; may be repeated",
  parse: (path: string, before: unknown) => [...((before as string[] | undefined) ?? []), path],
  completes: "file",
};
const EVENTS_OPTION: OptionSpec = {
  flags: "--events <path>",
  about: "event formats only: a copy of /sys/kernel/tracing/events, or a tarball of it",
  completes: "file",
};

/** What a command takes that needs nothing of the writing kernel, and does more with its event formats. */
export type FormatsOptions = Pick<ContextOptions, "system" | "events" | "writerRelease" | "force">;
export const FORMATS_OPTIONS: OptionGroup = {
  title: "The writing kernel",
  options: [SYSTEM_OPTION, EVENTS_OPTION, RELEASE_OPTION, FORCE_OPTION],
};

/** Where to learn of the writing kernel. */
export const CONTEXT_OPTIONS: readonly OptionGroup[] = [
  {
    title: "The writing kernel",
    options: [
      SYSTEM_OPTION,
      EVENTS_OPTION,
      {
        flags: "--kallsyms <file>",
        about: "/proc/kallsyms of that build, from any boot; may be gzipped",
        completes: "file",
      },
      {
        flags: "--printk-formats <file>",
        about: "/sys/kernel/tracing/printk_formats: strings that events point to",
        completes: "file",
      },
      {
        flags: "--cmdlines <file>",
        about: "saved_cmdlines of the writing boot: names of tasks by pid",
        completes: "file",
      },
      BTF_OPTION,
      MODULE_ORDER_OPTION,
      RELEASE_OPTION,
      FORCE_OPTION,
      { flags: "--no-live", about: "do not read this machine's own tracefs and kernels if nothing else is named" },
    ],
  },
];

/** The same, of a command that writes a file. */
export const CONTEXT_OPTIONS_WRITING: readonly OptionGroup[] = CONTEXT_OPTIONS.map(({ title, options }) => ({
  title,
  options: options.map((option) => (option === FORCE_OPTION ? FORCE_WRITING_OPTION : option)),
}));

/** The files and folders that the options name. */
export function contextPaths(options: ContextOptions): readonly string[] {
  const { system = [], events, kallsyms, printkFormats, cmdlines, btf, moduleOrder } = options;
  return [...system, events, kallsyms, printkFormats, cmdlines, btf, moduleOrder].filter((path) => path !== undefined);
}

/** What is known of the writing kernel, and how its event formats fit the image. */
export interface FittingContext extends TraceContext {
  /** Without formats, undefined. */
  readonly fit: Fit | undefined;
}

/** Loads what the options name; without any, what this machine's tracefs has, if the image can be its own. */
export async function loadContext(image: Image, options: ContextOptions, io: Io): Promise<FittingContext> {
  const named = options.system ?? options.events ?? options.kallsyms ?? options.printkFormats ?? options.btf;
  if (named === undefined && options.live !== false) {
    const live = liveContext(image, options);
    if (live !== undefined) {
      tell(io, `reading with this machine's own event formats (${live.release}); --no-live for none`);
      return live;
    }
    const own = await machineContext(image, options, io);
    if (own !== undefined) return own;
  }
  const paths = await chosenPaths(options.system ?? [], image, options, io);
  const context = await contextOf(paths, image, options, io);
  if (context.formats.size === 0) {
    const strange = strangeRelease(image, context);
    if (strange !== undefined) tell(io, strangeReleaseText(strange));
    return { ...context, fit: undefined };
  }
  const fit = formatsFit(image, writingKernel(context));
  // What is wrong with the format of an event that does not occur is for `rbtool formats`.
  const occurring = new Set(
    [...fit.types].map((type) => context.formats.get(type)).map((f) => f && `${f.system}/${f.name}`),
  );
  for (const { event, message } of context.formats.problems) if (occurring.has(event)) tell(io, `${event}: ${message}`);
  if (fit.verdict === "fits" && fit.strangeRelease !== undefined) tell(io, misfitText(fit, context));
  const unknown = [...fit.unknown.values()].reduce((sum, count) => sum + count, 0);
  if (fit.verdict === "fits" && unknown > 0)
    tell(io, `${unknown} of ${fit.records} records have an ID that no format has: their events cannot be decoded`);
  if (!options.force) refuseMisfit(fit, context);
  else if (fit.verdict === "wrong") tell(io, `event formats of another build: ${misfitText(fit, context)}`);
  return { ...context, fit };
}

/** What the options name of the writing kernel; undefined where they name nothing. */
export async function statedKernel(image: Image, options: FormatsOptions, io: Io): Promise<WritingKernel | undefined> {
  if ((options.system ?? options.events ?? options.writerRelease) === undefined) return undefined;
  return writingKernel(await loadContext(image, { ...options, live: false }, io));
}

async function contextOf(
  paths: readonly string[],
  image: Image,
  options: ContextOptions,
  io: Io,
): Promise<TraceContext> {
  const system = await gatherSystem(paths, modulesOf(image, options.moduleOrder));
  const { files, found } = await fromKernels(image, system, options);
  if (found !== undefined && system.kernels.length > 1)
    tell(
      io,
      `reading with ${found.file} (${found.kernel.release}), of ${system.kernels.length} kernels${orElse(found.rivals)}`,
    );
  const alone = wordOnModulesAlone(system);
  if (alone !== undefined) tell(io, alone);
  for (const note of found?.modules?.notes ?? []) tell(io, note);
  const stated = loadContextFiles(sourcesOf(options), files);
  const { machine } = image.source;
  const all = machine === undefined ? stated : await withDump(machine, stated, io);
  const context = buildContext(all, image.layout.abi);
  if (context.symbols?.hidden)
    tell(io, "kallsyms has no addresses (kptr_restrict hides them from everyone but root): no symbols");
  return context;
}

/** What a dump says of its kernel is looked for where there is a dump. */
async function withDump(machine: PhysicalMemory, files: ContextFiles, io: Io): Promise<ContextFiles> {
  const { fromDump } = await import("./dump-context.js");
  return fromDump(machine, files, io);
}

/** Of several collections, the one whose formats fit the image best. */
async function chosenPaths(
  named: readonly string[],
  image: Image,
  options: ContextOptions,
  io: Io,
): Promise<readonly string[]> {
  const { collections, others } = collectionsIn(named);
  if (collections.length < 2) return [...collections, ...others];
  const rated: { readonly path: string; readonly fit: Fit; readonly parts: number }[] = [];
  for (const path of collections) {
    const { collected } = await gatherSystem([path], NO_MODULES);
    if (collected.formats.length === 0) continue;
    const files = loadContextFiles(statedRelease(options), collected);
    const parts = Object.keys(collected).length;
    rated.push({ path, parts, fit: formatsFit(image, writingKernel(buildContext(files, image.layout.abi))) });
  }
  const worth = ({ fit }: { readonly fit: Fit }) => (fit.verdict === "fits" ? 1 : 0) * fit.records + fit.fitting;
  const [best, ...rest] = rated.sort((a, b) => worth(b) - worth(a) || b.parts - a.parts);
  if (best === undefined) return [...collections, ...others];
  const { records, fitting, verdict } = best.fit;
  const equal = rest.filter((other) => worth(other) === worth(best)).map(({ path }) => path);
  if (verdict === "fits" || options.force)
    tell(
      io,
      `reading with ${best.path}, of ${rated.length} collections: ${fitting} of ${records} records fit it` +
        (equal.length === 0 ? ", and no other fits as well" : orElse(equal)),
    );
  return [best.path, ...others];
}

/** Others that fit as well. */
function orElse(names: readonly string[]): string {
  if (names.length === 0) return "";
  return `; ${someOf(names)} fit${names.length === 1 ? "s" : ""} as well, and may be right instead`;
}

/** Of many names the first few. */
function someOf(names: readonly string[]): string {
  const shown = names.length > 4 ? names.slice(0, 3) : names;
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} others` : shown.join(", ").replace(/, ([^,]*)$/, " and $1");
}

/** Reading a kernel's own file takes much code: it is loaded when there is one. */
async function fromKernels(image: Image, system: SystemFiles, options: ContextOptions): Promise<ChosenKernel> {
  if (system.kernels.length === 0 && options.moduleOrder === undefined)
    return { files: system.collected, found: undefined };
  const { chosenKernel } = await import("./chosen-kernel.js");
  return chosenKernel(system, options, writingBootOf(image));
}

const statedRelease = ({ writerRelease: release }: ContextOptions): ContextSources =>
  release === undefined ? {} : { release };

function sourcesOf(options: ContextOptions): ContextSources {
  const { events, kallsyms, printkFormats, cmdlines, btf } = options;
  return {
    ...(events === undefined ? {} : { events }),
    ...(kallsyms === undefined ? {} : { kallsyms }),
    ...(printkFormats === undefined ? {} : { printkFormats }),
    ...(cmdlines === undefined ? {} : { cmdlines }),
    ...(btf === undefined ? {} : { btf }),
    ...statedRelease(options),
  };
}

/** What a kernel in /boot of this machine says, if it wrote the image, or a person names its release. */
async function machineContext(image: Image, options: ContextOptions, io: Io): Promise<FittingContext | undefined> {
  const { machineKernels } = await import("./machine-kernels.js");
  const system = await machineKernels(options.writerRelease);
  if (system === undefined) return undefined;
  try {
    const { files, found } = await fromKernels(image, system, options);
    // Without a word of a person, only a proof counts.
    if (found === undefined || (options.writerRelease === undefined && found.fit?.verdict !== "fits")) return undefined;
    const rivals = orElse(found.rivals);
    tell(io, `reading with this machine's ${found.file} (${found.kernel.release})${rivals}; --no-live for none`);
    for (const note of found.modules?.notes ?? []) tell(io, note);
    const context = buildContext(loadContextFiles(sourcesOf(options), files), image.layout.abi);
    return { ...context, fit: formatsFit(image, writingKernel(context)) };
  } catch (error) {
    // None of them wrote it, or what looks like a kernel is none.
    if (options.writerRelease === undefined && error instanceof InputError) return undefined;
    throw error;
  }
}

/** This machine's own files, if its formats fit the records, and its kernel lies at the same place in a page. */
function liveContext(image: Image, options: ContextOptions): FittingContext | undefined {
  for (const root of TRACEFS) {
    try {
      const headerPage = readFileSync(`${root}/events/header_page`, "latin1");
      if (longSizeOfHeaderPage(headerPage) !== image.layout.abi.longSize) continue;
      const context = buildContext(
        loadContextFiles(
          {
            ...sourcesOf(options),
            events: `${root}/events`,
            kallsyms: "/proc/kallsyms",
            printkFormats: `${root}/printk_formats`,
          },
          { formats: [], release: machineRelease() },
        ),
        image.layout.abi,
      );
      const here = context.symbols?.textAddress;
      const there = image.scratch?.textAddress;
      // KASLR moves a kernel by at least 64K: below that, the same build lies where it always does.
      if (here && there && (here & 0xffffn) !== (there & 0xffffn)) return undefined;
      const fit = formatsFit(image, writingKernel(context));
      // An image of ftrace's own events alone fits every kernel: nothing says that it is of this one.
      return fit.verdict === "fits" && fit.unknown.size === 0 && fit.told > 0 ? { ...context, fit } : undefined;
    } catch (error) {
      // Not mounted, or not for this user.
      if (!(error instanceof InputError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  return undefined;
}
