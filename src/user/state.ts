import { Bytes } from "../ground/bytes.js";
import type { Image } from "../image/image.js";
import { CopyOnWrite } from "../input/copy-on-write.js";
import { Area } from "../kernel/area.js";
import type { BootResult } from "../kernel/boot.js";
import { type BootWishes, planBoot } from "../kernel/boot-plan.js";
import { type BufferPage, BufferPages } from "../kernel/buffer-page.js";
import { CpuBuffer } from "../kernel/cpu-buffer.js";
import { CpuMeta, cpuMetaLayout } from "../kernel/cpu-meta.js";
import type { Kernel } from "../kernel/versions/kernel.js";

/** One CPU's buffer, or why there is none to map. */
export type CpuState =
  | { readonly cpu: number; readonly buffer: CpuBuffer }
  | { readonly cpu: number; readonly buffer: undefined; readonly why: string };

/** The buffers that a program would map: a private copy of the area, which reading changes. */
export interface State {
  readonly origin: "after-boot" | "as-is";
  readonly kernel: Kernel;
  /** The area's virtual start in the boot that serves the mapping; undefined where nothing tells. */
  readonly virt: bigint | undefined;
  readonly cpus: readonly CpuState[];
  /** The boot that made the state. */
  readonly boot: BootResult | undefined;
}

/** The buffers after `kernel` booted on the image and recovered what it keeps. */
export function stateAfterBoot(image: Image, kernel: Kernel, wishes: BootWishes = {}): State {
  const plan = planBoot(image, wishes);
  const result = plan.boot(kernel);
  const why = (cpu: number): string => {
    if (result.refused) return "the boot could not make the buffer";
    if (result.fault) return `the boot itself fails in ${result.fault.function}(): ${result.fault.message}`;
    if (result.cpus[cpu]?.verdict === "unknown") return "the image is cut within this CPU's memory";
    if (result.cpus[cpu]?.online === false) return "this CPU does not come up, and has no buffer";
    return "the boot gave this CPU up";
  };
  return {
    origin: "after-boot",
    kernel,
    virt: result.virt === 0n ? undefined : result.virt,
    // A kernel that fails at boot serves nobody.
    cpus: result.cpus.map(({ cpu }) => {
      const buffer = result.fault ? undefined : result.ring.find((candidate) => candidate.cpu === cpu);
      return buffer ? { cpu, buffer } : { cpu, buffer: undefined, why: why(cpu) };
    }),
    boot: result,
  };
}

/**
 * The buffers as they lie: what the writing boot had at that moment. What it kept outside the area (counters, how far
 * the reader page was read) is not there: events are counted, nothing is taken as read.
 */
export function stateAsIs(image: Image, kernel: Kernel): State {
  const { abi, geometry } = image.layout;
  const area = new Area(new CopyOnWrite(image.source, planBoot(image).size), abi, {
    pageSize: geometry.subbufSize,
    virt: image.virtualStart ?? 0n,
  });
  return {
    origin: "as-is",
    kernel,
    virt: image.virtualStart,
    cpus: image.cpus.map((cpu) => asIs(image, area, cpu)),
    boot: undefined,
  };
}

/** Counters that the area does not hold. */
export const NOT_STORED = ["reader.read", "entries", "overrun", "read", "pages_lost", "pages_touched"] as const;

function asIs(image: Image, area: Area, cpu: Image["cpus"][number]): CpuState {
  const { layout } = image;
  const damaged = cpu.indexById.indexOf(-1);
  if (damaged >= 0)
    return { cpu: cpu.cpu, buffer: undefined, why: `buffers[${damaged}] is damaged: the ring does not close` };
  if (!cpu.meta) return { cpu: cpu.cpu, buffer: undefined, why: "the image ends before this CPU's meta" };
  if (cpu.subbufsOffset + cpu.nrSubbufs * cpu.subbufSize > area.size)
    return { cpu: cpu.cpu, buffer: undefined, why: "the image ends within this CPU's sub-buffers" };
  const meta = new CpuMeta(area, cpuMetaLayout(layout.cpuMeta, layout.abi), cpu.metaOffset);
  const all = new BufferPages(area, cpu.indexById.length);
  all.index.set(cpu.indexById);
  for (let id = 0; id < all.count; id++) all.offset[id] = cpu.subbufsOffset + all.index[id]! * cpu.subbufSize;
  const buffer = new CpuBuffer(cpu.cpu, meta, cpu.subbufsOffset, all);
  // The simulation trusts these two; the image may have them damaged.
  meta.subbufSize = cpu.subbufSize;
  meta.nrSubbufs = cpu.nrSubbufs;
  buffer.headPage = cpu.head && cpu.head.id > 0 ? all.at(cpu.head.id) : buffer.pages;
  buffer.commitPage = cpu.commit && cpu.commit.id >= 0 ? all.at(cpu.commit.id) : buffer.headPage;
  buffer.tailPage = buffer.commitPage;
  buffer.headPage.prev.nextIsHead = true;
  for (const id of cpu.live) {
    if (id < 0 || id >= all.count) continue;
    const page = all.at(id);
    page.entries = image.subbufs.scan(lookAt(image, page)).events;
    buffer.entries += page.entries;
    if (page.entries > 0) buffer.pagesTouched++;
  }
  return { cpu: cpu.cpu, buffer };
}

/** A sub-buffer of the state as bytes, good until the next one is looked at. */
export function lookAt(image: Image, { area, offset }: BufferPage): Bytes {
  const length = Math.min(image.layout.geometry.subbufSize, Math.max(0, area.size - offset));
  return new Bytes(area.bytes.look(offset, length), image.layout.abi, offset);
}
