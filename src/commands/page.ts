import { type Command, Option } from "commander";
import { renderPage } from "../render/page.js";
import { findPage, page } from "../report/page.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  type ImageCommandOptions,
  openImageArgument,
  parseAddress,
  writeReport,
} from "./command.js";

interface PageOptions extends CommonOptions, ImageCommandOptions {
  readonly phys?: bigint;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Show one sub-buffer as an annotated hexdump: header, every record with its kind, length, time and offset, what is " +
        "damaged and what was never committed. Every byte is shown once and belongs to something.",
    )
    .argument("<image-or-page>", "the raw memory, or the sub-buffer when the image is piped in")
    .argument("[page]", "CPU:ID (the position in buffers[]) or CPU:@INDEX (the physical index)")
    .addOption(
      new Option("--phys <addr>", "where the area began in physical memory: adds the physical address").argParser(
        parseAddress,
      ),
    );
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool page dump.bin 0:0", "the reader page of CPU 0"],
    ["rbtool page dump.bin 1:@27", "the sub-buffer at physical index 27 of CPU 1"],
    ["rbtool page 0:3 < dump.bin", "from standard input"],
    [
      "rbtool page --json dump.bin 0:3 | jq '.parts[] | select(.kind == \"data\")'",
      "its events, with their bytes' places",
    ],
  ]);
  command.action(async (first: string, second: string | undefined, options: PageOptions) => {
    const image = await openImageArgument(second === undefined ? undefined : first, options, context.io);
    const anatomy = findPage(image, second ?? first);
    const report = page(image, anatomy, options.phys);
    await writeReport(context, options, report, (style) => [renderPage(report, anatomy.page, style)]);
  });
}
