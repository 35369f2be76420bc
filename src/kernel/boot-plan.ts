import { Bytes } from "../ground/bytes.js";
import { NotAnImageError, UsageError } from "../ground/errors.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufOffset } from "../image/image.js";
import { isWhole } from "../input/source.js";
import { chunksEnd, nrSubbufsFor } from "../ring/geometry.js";
import { layoutWrittenBy } from "../ring/layouts.js";
import { type BootConditions, type BootResult, boot } from "./boot.js";
import type { KnownHeaders } from "./known-headers.js";
import { PageWalks } from "./page-walks.js";
import type { Kernel } from "./versions/kernel.js";

/** What a person may say about the other boot; the rest is as in the boot that wrote the image. */
export interface BootWishes extends Omit<BootConditions, "kernel" | "abi" | "pageSize" | "nrCpus" | "unknownCpus"> {
  readonly nrCpus?: number;
  readonly pageSize?: number;
}

/** A boot on an image, as everyone simulates it. */
export interface BootPlan {
  /** Bytes of the area that the boot is given. Where the image is cut, zeros stand for what is missing. */
  readonly size: number;
  conditions(kernel: Kernel): BootConditions;
  boot(kernel: Kernel): BootResult;
}

/** The largest area that is simulated: what a machine reserves for tracing is far smaller. */
const MAX_AREA = 2 ** 40;

/** How many CPUs the boot allows for: as many as the writer did, if nobody says otherwise. */
export function bootCpus({ layout }: Image, stated: number | undefined): number {
  return stated ?? layout.nrCpus;
}

/** Throws UsageError for a CPU that such a boot does not have. */
export function refuseCpusBeyond(nrCpus: number, cpus: Iterable<number> | undefined, option: string): void {
  for (const cpu of cpus ?? [])
    if (cpu >= nrCpus) throw new UsageError(`that boot has CPUs 0 to ${nrCpus - 1}, not ${cpu}`, option);
}

/**
 * Settles what nobody said. Throws UsageError where it is too large to simulate, NotAnImageError where there is no area.
 * @param headers those of the image that were read already
 */
export function planBoot(image: Image, wishes: BootWishes = {}, headers?: KnownHeaders): BootPlan {
  if (image.source.framed)
    throw new NotAnImageError(
      `${image.source.name}: sub-buffers without their area, which no boot takes over: their events can be read, for more save the reserved memory itself`,
    );
  const size = wishes.size ?? areaSize(image);
  if (!(size >= 0) || size > MAX_AREA)
    throw new UsageError(
      `an area of ${size} bytes is too large to boot: the limit is ${MAX_AREA}`,
      wishes.size === undefined ? undefined : "size",
    );
  const { layout, textAddresses } = image;
  const nrCpus = bootCpus(image, wishes.nrCpus);
  refuseCpusBeyond(nrCpus, wishes.onlineCpus, "online");
  // A CPU that the writer never brought up stays down on the same machine.
  const up = Array.from({ length: nrCpus }, (_, cpu) => cpu).filter((cpu) => !neverCameUp(image, image.cpus[cpu]));
  const cutCpus = size > image.source.size ? (image.cut?.cpus.map(({ cpu }) => cpu) ?? []) : [];
  const unknownCpus = new Set([...cutCpus, ...holedCpus(image)]);
  const settled = {
    ...(image.virtualStart === undefined ? {} : { virt: image.virtualStart }),
    ...(textAddresses ? { textAddr: textAddresses.text, dataAddr: textAddresses.data } : {}),
    ...(up.length > 0 ? { onlineCpus: up } : {}),
    ...wishes,
    unknownCpus,
    abi: layout.abi,
    pageSize: wishes.pageSize ?? layout.geometry.subbufSize,
    nrCpus,
    size,
  };
  const known = { headers, walks: new PageWalks() };
  const conditions = (kernel: Kernel): BootConditions => ({
    ...settled,
    kernel,
    inject: layoutWrittenBy(kernel.version, wishes.inject ?? layout.inject).inject,
  });
  return { size, conditions, boot: (kernel) => boot(image.source, conditions(kernel), known) };
}

/** The CPUs of whose meta or sub-buffers the input lacks something. */
function holedCpus({ source, cpus }: Image): number[] {
  const whole = ({ metaOffset, subbufsOffset, subbufSize, nrSubbufs }: CpuArea) =>
    isWhole(source, metaOffset, subbufsOffset + subbufSize * nrSubbufs - metaOffset);
  return source.holes.length === 0 ? [] : cpus.filter((cpu) => !whole(cpu)).map(({ cpu }) => cpu);
}

/**
 * The size of the area: that of the input, where it explains the number of sub-buffers (then total_size is what is
 * damaged where it differs), else as stated: the input was cut short, or holds more. Where that explains it no better (the
 * size of a cut input stands for one that is lost), what the sub-buffers take.
 */
function areaSize(image: Image): number {
  const { totalSize, nrCpus, geometry } = image.layout;
  const explains = (size: number): boolean =>
    size % geometry.subbufSize === 0 && nrSubbufsFor(size, nrCpus, geometry) === geometry.nrSubbufs;
  const taken = chunksEnd(geometry, nrCpus);
  return [image.source.size, totalSize, taken].find(explains) ?? totalSize;
}

/** A sound meta whose head and commit nobody set, and no data (rb_allocate_cpu_buffer(), ring_buffer.c, sets both). */
function neverCameUp(image: Image, cpu: CpuArea | undefined): boolean {
  if (cpu?.meta?.values.head_buffer !== 0n || cpu.meta.values.commit_buffer !== 0n) return false;
  const { source, subbufs, layout } = image;
  for (let index = 0; index < cpu.nrSubbufs; index++) {
    const header = source.probe(subbufOffset(cpu, index), subbufs.headerSize);
    if (header.length < subbufs.headerSize) continue;
    if (subbufs.header(new Bytes(header, layout.abi)).commit !== 0n) return false;
  }
  return true;
}
