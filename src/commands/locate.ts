import { join } from "node:path";
import { ExitStatus } from "../ground/exit-status.js";
import { knownAs, lookDeeper } from "../image/not-an-image.js";
import { rawMemory } from "../input/memory/extents.js";
import { openInput } from "../input/memory/open.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import { piecesOf } from "../input/source.js";
import { tell } from "../io.js";
import type { Area } from "../locate/area.js";
import { type Found, findAreas, turnedMemory } from "../locate/find.js";
import type { Loose } from "../locate/loose.js";
import { turnedText } from "../locate/reordered.js";
import { renderLocate } from "../render/locate.js";
import { locate } from "../report/locate.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { OVERWRITE_OPTION, writeReport } from "./command.js";
import { nameOrInput } from "./open-image.js";
import { refuseExisting, writeAtomically } from "./output-file.js";
import { intoFolder } from "./output-folder.js";
import { searching } from "./search.js";

interface LocateOptions extends CommonOptions {
  readonly extract?: string;
  readonly force?: true;
  readonly deep?: true;
}

export const spec: CommandSpec<LocateOptions> = {
  description:
    "Finds every persistent trace buffer in a machine's memory: raw RAM, an ELF core (/proc/vmcore, QEMU's " +
    "dump-guest-memory, makedumpfile -E, virsh dump), a compressed kdump (also flattened or split), QEMU's stream (migrate, " +
    "virsh save), LiME, AVML; gzip, zstd and xz around them are unpacked. PROVEN: signs, sizes, counts and addresses all fit " +
    "each other; likely: enough of them do. Areas whose beginning is destroyed are found by the metas of their other CPUs.\n\n" +
    "Every other command reads one of them as DUMP@ADDRESS, or as DUMP where it is the only one.",
  arguments: [
    {
      name: "[memory]",
      about: "the dump: a file, or - for standard input, which is the default in a pipe",
      completes: "file",
    },
  ],
  options: [
    {
      title: "What to do",
      options: [
        {
          flags: "--extract <dir>",
          about: "write each of them to this directory, as ADDRESS.bin",
          completes: "directory",
        },
        {
          flags: "--deep",
          about: "look for sub-buffers outside the areas, too: of areas whose metas are destroyed, of backup copies",
        },
        OVERWRITE_OPTION,
      ],
    },
  ],
  examples: [
    ["rbtool locate /proc/vmcore", "where is it, and is it sound?"],
    ["rbtool locate --extract found ram.lime", "each one as a file"],
    ["rbtool locate --deep --extract found vmcore", "also what is left of a destroyed one"],
    ["rbtool locate --json vmcore | jq -r '.areas[].address'", "for a script"],
    ["rbtool events --last 1s vmcore@0x17ff46000", "what happened last, in one of them"],
  ],
  exits: { 3: "there is none" },
  async run([path], options, context) {
    const { io } = context;
    const { source, memory: dump } = await openInput(
      nameOrInput(path, io, { what: "a dump", like: ["locate", "vmcore"] }),
    );
    let memory = dump ?? rawMemory(source);
    const find = () => searching(io, (search) => findAreas(memory, { ...search, deep: options.deep ?? false }));
    let found = await find();
    const turned = dump || found.stopped ? undefined : turnedMemory(source, found);
    if (turned !== undefined) {
      tell(io, turnedText(turned));
      memory = rawMemory(turned.source);
      found = await find();
    }
    for (const note of memory.notes) tell(io, note);
    const known = found.areas.length === 0 && dump === undefined ? knownAs(source) : undefined;
    if (known !== undefined) tell(io, `${source.name}: ${known}`);
    const written =
      options.extract === undefined ? undefined : await extract({ folder: options.extract, memory, found }, options);
    const report = locate(memory, found, written);
    if (found.areas.length + found.loose.length === 0) {
      context.status = ExitStatus.NotAnImage;
      if (!options.deep && known === undefined) tell(io, lookDeeper(source.name));
    }
    if (found.stopped) context.status = ExitStatus.Stopped;
    await writeReport(context, options, report, (paper) => renderLocate(report, paper));
  },
};

interface Extraction {
  readonly folder: string;
  readonly memory: PhysicalMemory;
  readonly found: Found;
}

/** Writes each area, and what lies outside them, to a file of its own; zeros stand for what the dump does not have. */
async function extract(
  { folder, memory, found }: Extraction,
  force: Pick<LocateOptions, "force">,
): Promise<Map<Area | Loose, string>> {
  const fileOf = (address: number, kind: string): string => join(folder, `0x${address.toString(16)}${kind}.bin`);
  const files = new Map<Area | Loose, string>();
  for (const area of found.areas) files.set(area, fileOf(area.address, ""));
  for (const loose of found.loose) files.set(loose, fileOf(loose.address, ".pages"));
  for (const file of files.values()) refuseExisting(file, force);
  await intoFolder(folder, async () => {
    for (const area of found.areas)
      await writeAtomically(files.get(area)!, piecesOf(area.image.source, area.image.source.size));
    for (const loose of found.loose) await writeAtomically(files.get(loose)!, pagesOf(memory, loose));
  });
  return files;
}

/** The sub-buffers' bytes; zeros stand for what the dump does not have. */
function* pagesOf(memory: PhysicalMemory, { pages, stride }: Loose): Generator<Uint8Array> {
  for (const { address } of pages) {
    const bytes = new Uint8Array(stride);
    bytes.set(memory.read(address, stride));
    yield bytes;
  }
}
