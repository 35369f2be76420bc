import { renderPage } from "../render/page.js";
import { findPage, page, parsePlace } from "../report/page.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { IMAGE_OPTIONS, type ImageCommandOptions, parseAddress, parserOf, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { openImageArgument, physicalStart } from "./open-image.js";

interface PageOptions extends CommonOptions, ImageCommandOptions, ContextOptions {
  readonly phys?: bigint;
}

export const spec: CommandSpec<PageOptions> = {
  description:
    "Shows one sub-buffer side by side: its bytes, and what they are. The header; every record with its kind, length and " +
    "time, the bits of its word and struct trace_entry; with the event formats (--system, --events) every field of the " +
    "event by name; what is damaged, where records stop making sense and where they start again, and what was never committed. Every byte is shown " +
    "once.",
  arguments: [
    {
      name: "<image-or-page>",
      about: "the raw memory, or the sub-buffer when the image is piped in",
      completes: "file",
    },
    { name: "[page]", about: "CPU:ID (the position in buffers[]) or CPU:@INDEX (the physical index)" },
  ],
  options: [
    {
      title: "What to show",
      options: [
        {
          flags: "--phys <addr>",
          about: "where the area began in physical memory: adds the physical address",
          parse: parserOf("phys", parseAddress),
        },
      ],
    },
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool page dump.bin 0:0", "the reader page of CPU 0"],
    ["rbtool page dump.bin 1:@27", "the sub-buffer at physical index 27 of CPU 1"],
    ["rbtool page --system build.tar.gz dump.bin 0:3", "with the fields of the events"],
    ["rbtool page 0:3 < dump.bin", "from standard input"],
    [
      "rbtool page --json dump.bin 0:3 | jq '.parts[] | select(.kind == \"data\")'",
      "its events, and where their bytes are",
    ],
  ],
  async run([first, second], options, context) {
    // Before anything is read: an image alone must not be taken for the sub-buffer of another, piped one.
    parsePlace(second ?? first!);
    const image = await openImageArgument(second === undefined ? undefined : first, options, context);
    const anatomy = findPage(image, second ?? first!);
    // Formats are for who names them: the same command shows the same everywhere.
    const named = options.system !== undefined || options.events !== undefined;
    const formats = named ? (await loadContext(image, options, context.io)).formats : undefined;
    const report = page(image, anatomy, {
      phys: physicalStart(image, options.phys).phys,
      formatOf: (type) => formats?.get(type),
    });
    await writeReport(context, options, report, (paper) => [renderPage(report, anatomy.page, paper)]);
  },
};
