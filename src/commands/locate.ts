import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { OutputError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { knownAs } from "../image/not-an-image.js";
import { rawMemory } from "../input/memory/extents.js";
import { openInput } from "../input/memory/open.js";
import { piecesOf } from "../input/source.js";
import { tell } from "../io.js";
import { type Area, isProven } from "../locate/area.js";
import { findAreas } from "../locate/find.js";
import { reorderedMemory, turnedText } from "../locate/reordered.js";
import { renderLocate } from "../render/locate.js";
import { locate } from "../report/locate.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { OVERWRITE_OPTION, writeReport } from "./command.js";
import { refuseExisting, writeAtomically } from "./output-file.js";
import { searching } from "./search.js";

interface LocateOptions extends CommonOptions {
  readonly extract?: string;
  readonly force?: true;
}

export const spec: CommandSpec<LocateOptions> = {
  description:
    "Finds every persistent trace buffer in a machine's memory: raw RAM, an ELF core (/proc/vmcore, QEMU's " +
    "dump-guest-memory, makedumpfile -E, virsh dump), a compressed kdump (also flattened or split), LiME, AVML; gzip, zstd " +
    "and xz around them are unpacked. PROVEN: signs, sizes, counts and addresses all fit each other; likely: enough of them " +
    "do. Areas whose beginning is destroyed are found by the metas of their other CPUs.\n\n" +
    "Every other command reads one of them as DUMP@ADDRESS, or as DUMP where it is the only one.",
  arguments: [{ name: "<memory>", about: "the dump: a file, or - for standard input", completes: "file" }],
  options: [
    {
      title: "What to do",
      options: [
        {
          flags: "--extract <dir>",
          about: "write each of them to this directory, as ADDRESS.bin",
          completes: "directory",
        },
        OVERWRITE_OPTION,
      ],
    },
  ],
  examples: [
    ["rbtool locate /proc/vmcore", "where is it, and is it sound?"],
    ["rbtool locate --extract found ram.lime", "each one as a file"],
    ["rbtool locate --json vmcore | jq -r '.areas[].address'", "for a script"],
    ["rbtool events --last 1s vmcore@0x17ff46000", "what happened last, in one of them"],
  ],
  exits: { 3: "there is none" },
  async run([path], options, context) {
    const { io } = context;
    const { source, memory: dump } = await openInput(path!);
    let memory = dump ?? rawMemory(source);
    let found = await searching(io, (search) => findAreas(memory, search));
    const turned = dump || found.stopped || found.areas.some(isProven) ? undefined : await reorderedMemory(source);
    if (turned !== undefined) {
      tell(io, turnedText(turned));
      memory = rawMemory(turned.source);
      found = await searching(io, (search) => findAreas(memory, search));
    }
    for (const note of memory.notes) tell(io, note);
    const known = found.areas.length === 0 && dump === undefined ? knownAs(source) : undefined;
    if (known !== undefined) tell(io, `${source.name}: ${known}`);
    const written = options.extract === undefined ? undefined : await extract(options.extract, found.areas, options);
    const report = locate(memory, found, written);
    if (found.areas.length === 0) context.status = ExitStatus.NotAnImage;
    if (found.stopped) context.status = ExitStatus.Stopped;
    await writeReport(context, options, report, (paper) => renderLocate(report, paper));
  },
};

/** Writes each area to a file of its own; zeros stand for what the dump does not have. */
async function extract(
  folder: string,
  areas: readonly Area[],
  force: Pick<LocateOptions, "force">,
): Promise<Map<Area, string>> {
  const fileOf = ({ address }: Area): string => join(folder, `0x${address.toString(16)}.bin`);
  for (const area of areas) refuseExisting(fileOf(area), force);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new OutputError(`--extract ${folder}: ${(error as Error).message}`);
  }
  const files = new Map(areas.map((area) => [area, fileOf(area)]));
  for (const [{ image }, file] of files) await writeAtomically(file, piecesOf(image.source, image.source.size));
  return files;
}
