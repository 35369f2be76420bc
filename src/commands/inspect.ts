import { type Command, Option } from "commander";
import { ExitStatus } from "../exit-status.js";
import type { CpuArea, SubbufRef } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import { RECORD_KIND_NAMES } from "../image/records.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import type { Span, StructRead, StructTable } from "../image/structs.js";
import { type CpuSummary, type SubbufSummary, summarizeCpu } from "../image/summary.js";
import { renderInspect } from "../render/inspect.js";
import { styleFor } from "../render/style.js";
import { hex } from "../render/units.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  chosenCpus,
  openImageArgument,
  parseAddress,
  parseCpuList,
} from "./command.js";

interface InspectOptions extends CommonOptions {
  readonly cpu?: ReadonlySet<number>;
  readonly pages?: true;
  readonly phys?: bigint;
  readonly exitCode?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Show everything the writer left in a persistent trace buffer: the layout and the kernels that write it, the boot " +
        "meta, the scratch, and for each CPU its reader, head and commit pages, its records, times and losses. Nothing is " +
        "thrown away: what is damaged is named with its offset, and the rest is read.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .addOption(new Option("--cpu <list>", "only these CPUs, like 0,2-3").argParser(parseCpuList))
    .addOption(new Option("--pages", "list every sub-buffer in the kernel's order"))
    .addOption(
      new Option(
        "--phys <addr>",
        "where the area began in physical memory: adds the physical address of everything",
      ).argParser(parseAddress),
    )
    .addOption(new Option("--exit-code", "exit 1 when anything is damaged"));
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool inspect dump.bin", "what is in there?"],
    ["rbtool inspect --pages --cpu 0 dump.bin", "CPU 0, sub-buffer by sub-buffer"],
    ["rbtool inspect --phys 0x17ff46000 dump.bin", "with physical addresses"],
    ["zstdcat dump.zst | rbtool inspect --json | jq '.cpus[].events'", "events per CPU, for a script"],
    ["rbtool inspect --exit-code dump.bin >/dev/null || echo damaged", "in CI"],
  ]);
  command.action(async (path: string | undefined, options: InspectOptions) => {
    const image = await openImageArgument(path, context.io);
    const report = inspect(image, options);
    if (options.exitCode && report.diagnostics.some(({ severity }) => severity === "error"))
      context.status = ExitStatus.Findings;
    if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
    else
      for (const part of renderInspect(report, context.io, styleFor(context.io, options.color)))
        await context.io.write(part);
  });
}

export type InspectReport = ReturnType<typeof inspect>;

/** Everything that inspect shows, as its JSON document (schemas/inspect.json). */
export function inspect(image: Image, options: Pick<InspectOptions, "cpu" | "pages" | "phys"> = {}) {
  const { layout, scratch } = image;
  const cpus = chosenCpus(image, options.cpu).map((cpu) => {
    const pages: SubbufSummary[] = [];
    const summary = summarizeCpu(image, cpu, image.diagnostics, options.pages ? (page) => pages.push(page) : undefined);
    return cpuReport(summary, options.pages ? pages : undefined, options.phys);
  });
  return {
    schema: "rbtool/inspect/1" as const,
    image: { name: image.source.name, size: image.source.size },
    layout: {
      generation: layout.generation,
      kernels: kernelRange(layout.generation, layout.inject),
      byteOrder: layout.abi.littleEndian ? ("little-endian" as const) : ("big-endian" as const),
      longSize: layout.abi.longSize,
      pageSize: layout.geometry.subbufSize,
      totalSize: layout.totalSize,
      leftOver: image.leftOver,
      persistentInject: layout.inject,
      cpus: layout.nrCpus,
      subbufsPerCpu: layout.geometry.nrSubbufs,
    },
    addresses: {
      virtualStart: optionalHex(image.virtualStart),
      physicalStart: optionalHex(options.phys),
    },
    bootMeta: image.bootMeta ? structReport(image.bootMeta) : null,
    scratch: scratch
      ? {
          ...scratch.span,
          clock: {
            id: scratch.header.values.clock_id,
            name: scratch.clockName ?? null,
            nanoseconds: clockCountsNanoseconds(scratch.header.values.clock_id),
          },
          textAddress: scratch.textAddress === 0n ? null : hex(scratch.textAddress),
          fields: structReport(scratch.header).fields,
          modules: scratch.modules.map(({ name, address, span }) => ({ name, address: hex(address), ...span })),
        }
      : null,
    cpus,
    diagnostics: image.diagnostics.list,
    omittedDiagnostics: image.diagnostics.omitted(),
  };
}

function kernelRange(generation: Image["layout"]["generation"], inject: boolean): string {
  if (generation === "per-cpu") return "6.12 to 6.14";
  return inject ? "7.2 and later, with CONFIG_RING_BUFFER_PERSISTENT_INJECT" : "6.15 and later";
}

function cpuReport(summary: CpuSummary, pages: readonly SubbufSummary[] | undefined, phys: bigint | undefined) {
  const { cpu } = summary;
  const physical = (offset: number) => (phys === undefined ? null : hex(phys + BigInt(offset)));
  const ref = (subbuf: SubbufRef | undefined) => subbuf ?? null;
  return {
    cpu: cpu.cpu,
    meta: cpu.meta ? { ...structReport(cpu.meta), physical: physical(cpu.metaOffset) } : null,
    subbufs: {
      offset: cpu.subbufsOffset,
      count: cpu.nrSubbufs,
      size: cpu.subbufSize,
      physical: physical(cpu.subbufsOffset),
    },
    firstBuffer: optionalHex(cpu.firstBuffer),
    reader: ref(cpu.reader),
    head: ref(cpu.head),
    commit: ref(cpu.commit),
    state: cpuState(cpu, summary),
    subbufsWithData: summary.liveSubbufs,
    subbufsConsumed: summary.consumedSubbufs,
    subbufsDamaged: summary.damagedSubbufs,
    records: Object.fromEntries(RECORD_KIND_NAMES.map((name, kind) => [name, summary.records[kind]!])) as Record<
      (typeof RECORD_KIND_NAMES)[number],
      number
    >,
    events: summary.events,
    bytes: summary.bytes,
    firstTime: summary.firstTime?.toString() ?? null,
    lastTime: summary.lastTime?.toString() ?? null,
    lost: { places: summary.lost.places, events: summary.lost.events.toString() },
    buffers: Array.from(cpu.indexById),
    ...(pages ? { pages: pages.map((page) => pageReport(cpu, page, physical)) } : {}),
  };
}

export type CpuReport = InspectReport["cpus"][number];
export type PageReport = ReturnType<typeof pageReport>;

/** One word for a CPU: what a person wants to know first. */
function cpuState(cpu: CpuArea, summary: CpuSummary): "events" | "empty" | "never used" | "head or commit lost" {
  if (cpu.meta && cpu.meta.values.head_buffer === 0n && cpu.meta.values.commit_buffer === 0n) return "never used";
  if (cpu.inferred) return "head or commit lost";
  return summary.events > 0 ? "events" : "empty";
}

function pageReport(cpu: CpuArea, page: SubbufSummary, physical: (offset: number) => string | null) {
  const { scan } = page;
  return {
    id: page.id,
    index: page.index,
    offset: page.offset,
    virtual: cpu.firstBuffer === undefined ? null : hex(cpu.firstBuffer + BigInt(page.index * cpu.subbufSize)),
    physical: physical(page.offset),
    roles: page.roles,
    state: page.state,
    timeStamp: scan.header.timeStamp.toString(),
    commit: hex(scan.header.commit),
    size: scan.header.size,
    missedEvents: scan.header.missedEvents,
    missedStored: scan.header.missedStored,
    missedCount: scan.header.missedCount?.toString() ?? null,
    records: Object.fromEntries(RECORD_KIND_NAMES.map((name, kind) => [name, scan.records[kind]!])) as Record<
      (typeof RECORD_KIND_NAMES)[number],
      number
    >,
    events: scan.events,
    firstTime: scan.firstTime?.toString() ?? null,
    lastTime: scan.lastTime?.toString() ?? null,
    damage: scan.damage ? { code: scan.damage.code, offset: scan.damage.offset } : null,
  };
}

/** A struct with every field's value and place; addresses (longs) in hexadecimal. */
function structReport<T extends StructTable>(struct: StructRead<T>) {
  const values = struct.values as Record<string, number | bigint>;
  const spans = struct.spans as Record<string, Span>;
  const fields = Object.fromEntries(
    Object.entries(spans).map(([name, span]) => {
      const value = values[name]!;
      return [
        name,
        { value: typeof value === "bigint" ? hex(value) : value, offset: span.offset, length: span.length },
      ];
    }),
  );
  return { offset: struct.span.offset, length: struct.span.length, fields };
}

function optionalHex(value: bigint | undefined): string | null {
  return value === undefined ? null : hex(value);
}
