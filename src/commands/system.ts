import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { formatsFit } from "../derive/fit.js";
import { writingBootOf } from "../derive/writing-boot.js";
import { collectedFiles } from "../export/tarball/collected.js";
import { tarball } from "../export/tarball/tar.js";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import type { Image } from "../image/image.js";
import type { ArchiveFile } from "../input/archive/archive-file.js";
import { tell } from "../io.js";
import { renderSystem } from "../render/system.js";
import { system } from "../report/system.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { buildContext, type ContextFiles } from "../system/context.js";
import { writingKernel } from "../system/writing-kernel.js";
import { writeReport } from "./command.js";
import { chosenKernel, type KernelOptions } from "./context/chosen-kernel.js";
import { gatherOne, modulesOf, wordOnModulesAlone } from "./context/collections.js";
import { tellOfKernel } from "./context/fitting.js";
import { collectedFit } from "./context/formats-fit.js";
import { FORCE_WRITING_OPTION, MODULE_ORDER_OPTION, RELEASE_OPTION } from "./context/options.js";
import { isDirectory } from "./directory.js";
import { openImageArgument } from "./open-image.js";
import { refuseExisting, refuseInputs, writeAtomically } from "./output-file.js";
import { writeTogether } from "./output-folder.js";

interface SystemOptions extends CommonOptions, KernelOptions {
  readonly output?: string;
  readonly image?: string;
}

export const spec: CommandSpec<SystemOptions> = {
  description:
    "Shows what files say about a kernel: what the collector's script saved there, or the kernel's own package, boot image " +
    "(vmlinuz, vmlinux, Image, zImage) and modules, packed or unpacked. With -o it writes all of it as the collector's " +
    "tarball: event formats, symbols, strings and types are the kernel's own, byte for byte.",
  arguments: [
    {
      name: "<path...>",
      about: "files, directories, archives or packages (.deb, .rpm), told apart by content",
      completes: "file",
      optionElsewhere: ["--system", "--events"],
    },
  ],
  options: [
    {
      title: "What to do",
      options: [
        {
          flags: "-o, --output <path>",
          about: "write what they say: a tarball, or files in a directory if that exists",
          completes: "file",
        },
        {
          flags: "--image <image>",
          about:
            "an image of a buffer: did this kernel write it, and with which modules? Addresses are then those of the boot " +
            "that wrote it",
          completes: "file",
        },
        RELEASE_OPTION,
        MODULE_ORDER_OPTION,
        FORCE_WRITING_OPTION,
      ],
    },
  ],
  examples: [
    ["rbtool system linux-image-6.12.107_amd64.deb", "does it have all that reading events needs?"],
    ["rbtool system /boot/vmlinuz-6.12.107 -o build.tar.gz", "as if it had been collected on that machine"],
    ["rbtool system --image dump.bin linux-*.deb", "is it the right kernel? with evidence"],
    ["rbtool system --json build.tar.gz | jq .missing", "for a script"],
  ],
  exits: {
    2:
      "with --image: another kernel wrote it; a wrong command line, an input that cannot be read, an output that cannot be " +
      "written",
  },
  async run(paths, options, context) {
    if (options.output === "-") throw new UsageError("-o -: the tarball cannot go to standard output; name a file");
    const image = options.image === undefined ? undefined : await openImageArgument(options.image, {}, context);
    const gathered = await gatherOne(paths, modulesOf(image, options.moduleOrder));
    const alone = wordOnModulesAlone(gathered);
    if (alone !== undefined) tell(context.io, alone);
    const chosen = await chosenKernel(
      gathered,
      // It is asked for the fit itself: a wrong kernel is an answer.
      { ...options, force: true, asShown: true },
      image && writingBootOf(image),
    );
    const { files, found } = chosen;
    tellOfKernel(context.io, chosen);
    const fit = image && (found?.fit ?? formatsAsEvidence(image, files));
    if (fit?.verdict === "wrong" && !options.force) context.status = ExitStatus.Trouble;
    if (options.output !== undefined) {
      const others = [options.image, options.moduleOrder].filter((path) => path !== undefined);
      if (!isDirectory(options.output)) refuseInputs(options.output, [...paths, ...others]);
      await write(options.output, collectedFiles(files, found?.kernel.machine), options);
    }
    const report = system(files, found, image && fit && { ...fit, image: image.source.name }, options.output);
    await writeReport(context, options, report, (paper) => [renderSystem(report, paper)]);
  },
};

/** Without a boot image the formats are asked; undefined where there are none. */
function formatsAsEvidence(image: Image, files: ContextFiles) {
  if (files.formats.length === 0) return undefined;
  const context = buildContext(files, image.layout.abi);
  return collectedFit(formatsFit(image, writingKernel(context)), context);
}

async function write(output: string, files: Iterable<ArchiveFile>, force: Pick<SystemOptions, "force">): Promise<void> {
  if (!isDirectory(output)) {
    refuseExisting(output, force);
    const tar = tarball(files);
    await writeAtomically(output, [/\.tar$/.test(output) ? tar : gzipSync(tar, { level: 6 })]);
    return;
  }
  const all = Array.from(files, ({ path, bytes }) => ({ path: join(output, path), pieces: [bytes] }));
  for (const { path } of all) refuseExisting(path, force);
  // A part of them would look like all that is known.
  await writeTogether(all);
}
