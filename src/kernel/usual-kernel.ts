import { type Image, subbufBytes } from "../image/image.js";
import { TRACE_SCRATCH_V1 } from "../ring/structs.js";
import { type Kernel, kernelBehaviour } from "./versions.js";

/** Which kernel to simulate where nobody says, and why that one. */
export interface UsualKernel {
  readonly kernel: Kernel;
  readonly why: string;
}

type Trace = "kept" | "commit-zeroed" | "all-zeroed";

/**
 * The kernel that owns the image, as far as its bytes tell: the newest of those that can have written them. What a
 * reader leaves in the sub-buffer that it put back, right before the head, differs (rb_get_reader_page(), ring_buffer.c).
 */
export function usualKernel(image: Image): UsualKernel {
  if (image.layout.generation === "per-cpu")
    return {
      kernel: kernelBehaviour("6.12"),
      why: "the image does not name its kernel; of 6.12 to 6.14 only 6.12 is known",
    };
  if (image.layout.scratch === TRACE_SCRATCH_V1)
    return { kernel: kernelBehaviour("6.15"), why: "6.15 alone writes this layout" };
  if (image.layout.inject) return { kernel: kernelBehaviour("7.3"), why: "7.2 and later write this layout" };
  const found = new Set(image.cpus.map((cpu) => traceOf(image, cpu)).filter((trace) => trace !== null));
  if (found.size === 1) {
    const [trace] = found;
    if (trace === "kept")
      return {
        kernel: kernelBehaviour("7.1"),
        why: "its consumed sub-buffers keep their commit, as 6.17 to 7.1 leave them",
      };
    if (trace === "commit-zeroed")
      return {
        kernel: kernelBehaviour("6.16"),
        why: "its consumed sub-buffers lost their commit alone, as up to 6.16",
      };
    return { kernel: kernelBehaviour("7.3"), why: "its consumed sub-buffers lost commit and time, as since 7.2" };
  }
  return {
    kernel: kernelBehaviour("7.3"),
    why: "the image does not name its kernel; 6.16 to 7.3 write this layout, and the newest is taken",
  };
}

/** The sub-buffer right before the head, if it is behind it: the last one that a reader put back. */
function traceOf(image: Image, cpu: Image["cpus"][number]): Trace | null {
  if (!cpu.head || !cpu.commit || cpu.head.id <= 0) return null;
  const id = cpu.head.id === 1 ? cpu.nrSubbufs - 1 : cpu.head.id - 1;
  const index = cpu.indexById[id] ?? -1;
  if (index < 0 || cpu.live.includes(id) || id === cpu.commit.id) return null;
  const bytes = subbufBytes(image, cpu, index);
  if (bytes.length < image.subbufs.headerSize) return null;
  const header = image.subbufs.header(bytes);
  if (header.size > 0) return "kept";
  if (header.timeStamp !== 0n) return header.missedEvents ? null : "commit-zeroed";
  const data = bytes.u8.subarray(image.subbufs.headerSize);
  return data.some((byte) => byte !== 0) ? "all-zeroed" : null;
}
