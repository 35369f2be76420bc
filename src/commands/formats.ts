import { formatsFit } from "../derive/fit.js";
import { writingBootOf } from "../derive/writing-boot.js";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { CompiledFormats } from "../print/compiled-formats.js";
import { renderFormats } from "../render/formats.js";
import { formatsReport } from "../report/formats.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { buildContext, type ContextFiles, longSizeOfHeaderPage, type TraceContext } from "../system/context.js";
import { longSizeIn } from "../system/formats/long-size.js";
import { loadContextFiles } from "../system/load.js";
import { writingKernel } from "../system/writing-kernel.js";
import { IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { chosenKernel } from "./context/chosen-kernel.js";
import { gatherOne, modulesOf } from "./context/collections.js";
import { tellOfKernel } from "./context/fitting.js";
import { BTF_OPTION, RELEASE_OPTION } from "./context/options.js";
import { openImageArgument } from "./open-image.js";

interface Options extends CommonOptions, ImageCommandOptions {
  readonly image?: string;
  readonly btf?: string;
  readonly writerRelease?: string;
}

export const spec: CommandSpec<Options> = {
  description:
    "Shows what a set of files about a writing kernel contains: its event formats, which of them cannot be fully printed and why, " +
    "and, with an image, how well its records fit them.",
  arguments: [
    {
      name: "<path>",
      about: "what `rbtool collect-script` collected, a copy of events/, one event's directory or format file",
      completes: "file",
      optionElsewhere: ["--system", "--events"],
    },
  ],
  options: [
    {
      title: "What to look at",
      options: [
        { flags: "--image <image>", about: "count how many of this image's records fit", completes: "file" },
        BTF_OPTION,
        RELEASE_OPTION,
      ],
    },
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool formats build.tar.gz", "is anything missing?"],
    ["rbtool formats --image dump.bin build.tar.gz", "are these the files of the kernel that wrote it?"],
    ["rbtool formats --json build.tar.gz | jq '.formats[] | select(.markers)'", "what cannot be decoded, for a script"],
  ],
  exits: { 1: "the formats are of another build than the image" },
  async run([path], options, context) {
    const image = options.image === undefined ? undefined : await openImageArgument(options.image, options, context);
    const { btf, writerRelease: release } = options;
    const gathered = await gatherOne([path!], modulesOf(image, undefined));
    const chosen = await chosenKernel(gathered, { ...options, force: true }, image && writingBootOf(image));
    tellOfKernel(context.io, chosen);
    const files = loadContextFiles(
      { ...(btf === undefined ? {} : { btf }), ...(release === undefined ? {} : { release }) },
      chosen.files,
    );
    if (files.formats.length === 0) throw new UsageError(`${path}: no event formats in it`);
    const loaded = image === undefined ? contextAlone(files) : buildContext(files, image.layout.abi);
    const compiled = new CompiledFormats(loaded.formats, loaded.types);
    const fit = image && formatsFit(image, writingKernel(loaded));
    if (fit?.verdict === "wrong") context.status = ExitStatus.Findings;
    const report = formatsReport(path!, loaded, compiled, fit);
    await writeReport(context, options, report, (paper) => renderFormats(report, paper));
  },
};

/** Without an image the files themselves tell the machine's word; its byte order no file says, and no print format asks. */
function contextAlone(files: ContextFiles): TraceContext {
  const context = buildContext(files, { littleEndian: true, longSize: 8 });
  const longSize = longSizeIn(context.formats.byId.values()) ?? longSizeOfHeaderPage(context.headerPage) ?? 8;
  return longSize === 8 ? context : buildContext(files, { littleEndian: true, longSize });
}
