import { covers } from "../ground/changes.js";
import { parseRelease, sinceText } from "../ground/release.js";
import { type Image, subbufBytes } from "../image/image.js";
import { releaseInMemory } from "../input/memory/vmcoreinfo.js";
import { layoutKernels } from "../ring/layouts.js";
import { type Kernel, KNOWN_SERIES, kernelBehaviour } from "./versions/kernel.js";
import type { ReaderBehaviour } from "./versions/reading.js";

/** Which kernel to simulate where nobody says, and why that one. */
export interface UsualKernel {
  readonly kernel: Kernel;
  readonly why: string;
}

/** What a reader leaves in a sub-buffer. */
type Trace = ReaderBehaviour["consumedPage"];

/**
 * The kernel that owns the image, as far as it is known: the one that the memory around it names, else the newest of
 * those that can have written its bytes. What a reader leaves in the sub-buffer that it put back, right before the
 * head, differs (rb_get_reader_page(), ring_buffer.c).
 */
export function usualKernel(image: Image): UsualKernel {
  const { layout } = image;
  const named = releaseInMemory(image.source);
  if (named !== undefined && mayHaveWritten(image, named))
    return { kernel: kernelBehaviour(named), why: "vmcoreinfo in the memory names it" };
  const kernels = layoutKernels(layout);
  const first = sinceText(layout.since);
  if (layout.until !== undefined) {
    const why =
      kernels === first
        ? `only ${first} writes this layout`
        : `the image does not name its kernel; ${kernels} write this layout, and what they do is known of ${first}`;
    return { kernel: kernelBehaviour(first), why };
  }
  const newest = KNOWN_SERIES.at(-1)!;
  if (layout.inject) return { kernel: kernelBehaviour(newest), why: `${first} and later write this layout` };
  const found = new Set(image.cpus.map((cpu) => traceOf(image, cpu)).filter((trace) => trace !== undefined));
  if (found.size === 1) {
    const [trace] = found;
    const leaving = KNOWN_SERIES.map(kernelBehaviour).filter(({ reading }) => reading.consumedPage === trace);
    const [from, to] = [leaving[0]!.release, leaving.at(-1)!];
    return { kernel: to, why: `its consumed sub-buffers ${LEFT[trace!](from, to.release)}` };
  }
  return {
    kernel: kernelBehaviour(newest),
    why: `the image does not name its kernel; ${first} to ${newest} write this layout; the newest is assumed`,
  };
}

/** The memory of a kernel may still hold the area of one before it. */
function mayHaveWritten({ layout }: Image, release: string): boolean {
  const version = parseRelease(release);
  return version !== undefined && covers(layout, version);
}

const LEFT: Readonly<Record<Trace, (from: string, to: string) => string>> = {
  commit: (_from, to) => `lost only their commit, as up to ${to}`,
  nothing: (from, to) => `keep their commit, as ${from} to ${to} leave them`,
  "commit-and-time": (from) => `lost commit and time, as since ${from}`,
};

/** The sub-buffer right before the head, if it is behind it: the last one that a reader put back. */
function traceOf(image: Image, cpu: Image["cpus"][number]): Trace | undefined {
  if (!cpu.head || !cpu.commit || cpu.head.id <= 0) return undefined;
  const id = cpu.head.id === 1 ? cpu.nrSubbufs - 1 : cpu.head.id - 1;
  const index = cpu.indexById[id] ?? -1;
  if (index < 0 || cpu.live.includes(id) || id === cpu.commit.id) return undefined;
  const bytes = subbufBytes(image, cpu, index);
  if (bytes.length < image.subbufs.headerSize) return undefined;
  const header = image.subbufs.header(bytes);
  if (header.size > 0) return "nothing";
  if (header.timeStamp !== 0n) return header.missedEvents ? undefined : "commit";
  const data = bytes.u8.subarray(image.subbufs.headerSize);
  return data.some((byte) => byte !== 0) ? "commit-and-time" : undefined;
}
