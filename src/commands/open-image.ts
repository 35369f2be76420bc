import { existsSync } from "node:fs";
import type { DiagnosticCode } from "../ground/diagnostics.js";
import { InputError, UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { latin1 } from "../ground/latin1.js";
import { MAX_INPUT_IN_MEMORY } from "../ground/limits.js";
import { beginsLikeArea, hasStrangeHeader } from "../image/detect/signs.js";
import { type Image, readImage } from "../image/image.js";
import { beginsLikeDump } from "../input/memory/magics.js";
import { openBinary } from "../input/open.js";
import { MemorySource, type Source } from "../input/source.js";
import { type Io, tell } from "../io.js";
import type { CommandContext } from "../spec/spec.js";
import type { ImageCommandOptions } from "./command.js";
import { searching } from "./search.js";

/** What a command reads: what it is given, or standard input, unless a person sits at it. Throws UsageError. */
export function nameOrInput(
  argument: string | undefined,
  { stdinIsTerminal }: Io,
  { what, like: [command, file] }: { readonly what: string; readonly like: readonly [command: string, file: string] },
): string {
  if (argument === undefined && stdinIsTerminal)
    throw new UsageError(
      `name ${what}, or pipe one in: \`rbtool ${command} ${file}\`, \`rbtool ${command} < ${file}\``,
    );
  return argument ?? "-";
}

/** Opens the image argument of a command. */
export async function openImageArgument(
  argument: string | undefined,
  options: ImageCommandOptions & TypesOptions & { readonly cpu?: ReadonlySet<number> },
  context: CommandContext,
): Promise<Image> {
  const { writerCpus } = options;
  const { io } = context;
  const image = await openEither(
    nameOrInput(argument, io, { what: "an image", like: ["inspect", "dump.bin"] }),
    options,
    io,
  );
  if (writerCpus === undefined && image.layout.guessed)
    tell(io, `the number of CPUs, ${image.layout.nrCpus}, is a guess: set it with --writer-cpus`);
  const contradicted = image.diagnostics.list.find(({ code }) => code === "layout-contradicted");
  if (contradicted) tell(io, `${contradicted.message}: is --writer-cpus ${writerCpus} right?`);
  const { name } = image.source;
  for (const code of INCOMPLETE) {
    const found = image.diagnostics.list.find((diagnostic) => diagnostic.code === code);
    if (found) tell(io, found.message.startsWith(name) ? found.message : `${name}: ${found.message}`);
  }
  const translated = image.diagnostics.list.find(({ code }) => code === "image-translated");
  if (translated) tell(io, translated.message);
  if (options.exitCode && io.helping === undefined && (await isDamaged(image, options.cpu)))
    context.status = ExitStatus.Findings;
  return image;
}

/** What a person can mend by copying the memory again: each command's answer is of a part of it. */
const INCOMPLETE: readonly DiagnosticCode[] = ["input-incomplete", "image-truncated", "image-holes"];

/** Where to look for the writing kernel's own types. */
interface TypesOptions {
  readonly system?: readonly string[];
  readonly btf?: string;
}

/** Whether the reading finds damage, in these CPUs or in what all share. */
async function isDamaged(image: Image, cpus: ReadonlySet<number> | undefined): Promise<boolean> {
  const { readingOf } = await import("../reading/reading.js");
  const { list } = readingOf(image).findings;
  return list.some(({ severity, cpu }) => severity === "error" && (cpu === undefined || (cpus?.has(cpu) ?? true)));
}

/** What begins as an image does is one; only for anything else is the code loaded that looks for one. */
async function openEither(
  argument: string,
  { writerCpus, system, btf }: ImageCommandOptions & TypesOptions,
  io: Io,
): Promise<Image> {
  const given = argument === "-" || existsSync(argument) ? await openBinary(argument, isReadable) : undefined;
  const source = given && ((await listedBytes(given, io)) ?? given);
  if (source !== undefined && (system ?? btf) !== undefined && hasStrangeHeader(source)) {
    const { toldLayout } = await import("./told-layout.js");
    const layout = await toldLayout({ ...(system && { system }), ...(btf === undefined ? {} : { btf }) });
    if (layout !== undefined && beginsLikeArea(source, layout)) {
      tell(io, "no known kernel lays its buffer out as this one: read by the writing kernel's own types");
      return readImage(source, { writerCpus, layout });
    }
  }
  if (source !== undefined) {
    const image = beginsLikeArea(source) ? readImage(source, { writerCpus }) : undefined;
    // A 32-bit writer's header fits in either byte order.
    const sound =
      image?.layout.score === Number.POSITIVE_INFINITY &&
      image.diagnostics.list.length === 0 &&
      image.layout.abi.longSize === 8;
    const found = sound ? image : ((await reorderedImage(source, io)) ?? image);
    if (found !== undefined) return found;
  }
  const { openAnyImage } = await import("../locate/open.js");
  const { image, notes } = await searching(io, (search) => openAnyImage(argument, { ...search, writerCpus }, source));
  for (const note of notes) tell(io, note);
  return image;
}

/** Whether a beginning is one of an image, or of a dump that may hold one. */
function isReadable(start: Source): boolean {
  return beginsLikeArea(start) || hasStrangeHeader(start) || beginsLikeDump(start.probe(0, 16));
}

/** The bytes that the input lists as text. */
async function listedBytes(source: Source, io: Io): Promise<Source | undefined> {
  const start = source.probe(0, 256);
  if (source.size > MAX_INPUT_IN_MEMORY || !/^[0-9a-f]{6}/i.test(latin1(start.subarray(0, 6)))) return undefined;
  const { bytesOfListing, listingOf } = await import("../image/listing.js");
  const listing = listingOf(latin1(start));
  if (listing === undefined) return undefined;
  try {
    const bytes = bytesOfListing(latin1(source.read(0, source.size)), listing, MAX_INPUT_IN_MEMORY);
    tell(io, `${source.name}: a hex listing: read as the ${bytes.length} bytes that it lists`);
    return new MemorySource(bytes, source.name, source.notes);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${source.name}: ${error.message}`) : error;
  }
}

/** The image in a dump whose bytes are in another order. */
async function reorderedImage(source: Source, io: Io): Promise<Image | undefined> {
  const { reordered, turnedText } = await import("../locate/reordered.js");
  const found = reordered(source);
  if (found === undefined) return undefined;
  tell(io, turnedText(found));
  return readImage(found.source);
}

/** The physical address that a person names, else the one that the dump has. */
export function physicalStart(image: Image, phys: bigint | undefined): { readonly phys?: bigint } {
  const { physicalStart: found } = image.source;
  if (phys !== undefined) return { phys };
  return found === undefined ? {} : { phys: BigInt(found) };
}
