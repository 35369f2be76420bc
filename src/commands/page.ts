import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { type Anatomy, dissectSubbuf } from "../image/anatomy.js";
import type { CpuArea } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import { rolesOf } from "../image/summary.js";
import { renderPage } from "../render/page.js";
import { styleFor } from "../render/style.js";
import { hex } from "../render/units.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  openImageArgument,
  parseAddress,
} from "./command.js";

interface PageOptions extends CommonOptions {
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
    const image = await openImageArgument(second === undefined ? undefined : first, context.io);
    const anatomy = findPage(image, second ?? first);
    const report = pageReport(image, anatomy, options.phys);
    if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
    else await context.io.write(renderPage(report, anatomy.page, styleFor(context.io, options.color)));
  });
}

/** Finds CPU:ID or CPU:@INDEX. Throws UsageError where there is no such sub-buffer. */
function findPage(image: Image, text: string): Anatomy {
  const match = /^(\d{1,5}):(@?)(\d{1,9})$/.exec(text);
  if (!match) throw new UsageError(`${text}: name a sub-buffer as CPU:ID or CPU:@INDEX, like 0:3 or 0:@27`);
  const cpu: CpuArea | undefined = image.cpus[Number(match[1])];
  if (!cpu) throw new UsageError(`${text}: the image has CPUs 0 to ${image.cpus.length - 1}`);
  const number = Number(match[3]);
  if (number >= cpu.nrSubbufs)
    throw new UsageError(`${text}: CPU ${cpu.cpu} has sub-buffers 0 to ${cpu.nrSubbufs - 1}`);
  const index = match[2] === "@" ? number : cpu.indexById[number]!;
  return dissectSubbuf(image, cpu, index);
}

export type PageReport = ReturnType<typeof pageReport>;

/** The sub-buffer as its JSON document (schemas/page.json). */
function pageReport(image: Image, { cpu, index, page, scan, parts }: Anatomy, phys: bigint | undefined) {
  const id = cpu.idByIndex[index]!;
  return {
    schema: "rbtool/page/1" as const,
    image: { name: image.source.name, size: image.source.size },
    cpu: cpu.cpu,
    id,
    index,
    offset: page.offset,
    length: page.length,
    virtual: cpu.firstBuffer === undefined ? null : hex(cpu.firstBuffer + BigInt(index * cpu.subbufSize)),
    physical: phys === undefined ? null : hex(phys + BigInt(page.offset)),
    roles: rolesOf(cpu, id),
    live: cpu.live.includes(id),
    nanoseconds: image.scratch ? clockCountsNanoseconds(image.scratch.header.values.clock_id) : true,
    timeStamp: scan.header.timeStamp.toString(),
    commit: hex(scan.header.commit),
    size: scan.header.size,
    events: scan.events,
    damage: scan.damage ?? null,
    parts: parts.map((part) => ({ ...part, time: part.time?.toString() })),
  };
}
