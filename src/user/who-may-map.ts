import { type Kernel, kernelBehaviour } from "../kernel/versions/kernel.js";
import type { MapBehaviour } from "../kernel/versions/mapping.js";
import { MEMORY_KINDS, type MemoryKind } from "../machine/memory-kind.js";

export const PROT = { none: 0, read: 1, write: 2, exec: 4 } as const;
export type MapType = "shared" | "private";

/** mmap()'s arguments. */
export interface MapRequest {
  /** Sub-buffer pages: offset / PAGE_SIZE. */
  readonly pgoff: number;
  /** Bytes; left out, all from pgoff on. */
  readonly length?: number;
  readonly prot: number;
  readonly type: MapType;
}

export const USUAL_REQUEST: MapRequest = { pgoff: 0, prot: PROT.read, type: "shared" };

export type Errno = "EPERM" | "EACCES" | "EINVAL" | "ENODEV";

export const ERRNO: Readonly<Record<Errno, { readonly number: number; readonly text: string }>> = {
  EPERM: { number: 1, text: "Operation not permitted" },
  EACCES: { number: 13, text: "Permission denied" },
  ENODEV: { number: 19, text: "No such device" },
  EINVAL: { number: 22, text: "Invalid argument" },
};

/** Whether mmap() succeeds, and what decided. */
export interface MapAnswer {
  /** True also where this kernel says success and maps nothing (`swallowed`). */
  readonly allowed: boolean;
  readonly errno: Errno | undefined;
  /** The errno where the file was opened read-only and mmap() itself refuses before the ring buffer is asked. */
  readonly errnoReadOnlyFile: Errno | undefined;
  /** The kernel function that decides. */
  readonly function: string;
  readonly why: string;
  /** This error is lost on the way: mmap() returns an address, and touching it is SIGBUS. */
  readonly swallowed: boolean;
  /** Neither the sources nor an image of this release told: the answer is inferred from its neighbours. */
  readonly inferred: boolean;
  /** The kernel does not refuse, and then fails. */
  readonly unsafe: string | undefined;
}

/**
 * mmap() of per_cpu/cpuN/trace_pipe_raw: do_mmap() (mm/mmap.c), then tracing_buffers_mmap() (trace.c), then
 * __rb_map_vma() (ring_buffer.c), in their order.
 */
export function whoMayMap(
  kernel: Kernel,
  memory: MemoryKind,
  request: MapRequest,
  buffer: { readonly nrSubbufs: number; readonly pageSize: number },
): MapAnswer {
  const behaviour = kernel.mapping;
  const { pgoff, prot, type } = request;
  const inferred = !behaviour.known && memory !== "ordinary";
  const answer = (errno: Errno | undefined, fn: string, why: string, more: Partial<MapAnswer> = {}): MapAnswer => ({
    allowed: errno === undefined,
    errno,
    errnoReadOnlyFile: errno,
    function: fn,
    why,
    swallowed: false,
    inferred,
    unsafe: undefined,
    ...more,
  });
  const pages = buffer.nrSubbufs + 1;
  const length = request.length ?? Math.max(1, pages - pgoff) * buffer.pageSize;
  if (length <= 0) return answer("EINVAL", "do_mmap", "the length is 0");
  const vmaPages = Math.ceil(length / buffer.pageSize);
  const readOnlyFile: Errno | undefined = (prot & PROT.write) !== 0 && type === "shared" ? "EACCES" : undefined;
  const early = readOnlyFile ? { errnoReadOnlyFile: readOnlyFile } : {};

  if (memory === "backup" && !behaviour.backups)
    return answer("ENODEV", "enable_instances", "there are no backup instances before 6.19", early);
  const refused = refusal(behaviour.refuses, memory);
  if (refused) return answer("ENODEV", "tracing_buffers_mmap", refused, early);

  const fail = (errno: Errno, why: string): MapAnswer =>
    behaviour.swallowsErrors
      ? answer(errno, "__rb_map_vma", `${why}; ring_buffer_map() of this release loses the error`, {
          allowed: true,
          swallowed: true,
          ...early,
        })
      : answer(errno, "__rb_map_vma", why, early);
  if ((prot & PROT.write) !== 0) return fail("EPERM", "the mapping would be writable (VM_WRITE)");
  if ((prot & PROT.exec) !== 0) return fail("EPERM", "the mapping would be executable (VM_EXEC)");
  if (type === "private") return fail("EPERM", "the mapping would be private (not VM_MAYSHARE)");
  if (pages <= pgoff) return fail("EINVAL", `the offset, page ${pgoff}, is not among the ${pages} pages`);
  if (vmaPages > pages - pgoff)
    return fail("EINVAL", `${vmaPages} pages from page ${pgoff} on; the buffer has ${pages} with its meta page`);
  if (memory !== "ordinary" && !behaviour.physicalIds)
    return answer(undefined, "rb_setup_ids_meta_page", "nothing refuses it", {
      unsafe:
        "this release takes virt_to_page() of a vmap address, which is no page, and overwrites the ids of the sub-buffers",
    });
  return answer(undefined, "ring_buffer_map", "a shared, read-only mapping inside the buffer");
}

function refusal(refuses: MapBehaviour["refuses"], memory: MemoryKind): string | undefined {
  if (memory === "ordinary" || refuses === "nothing") return undefined;
  if (refuses === "boot-mapped") return "the buffer is boot mapped (TRACE_ARRAY_FL_BOOT)";
  if (memory === "memmap")
    return "the memory has no struct page to map: it was given by address (TRACE_ARRAY_FL_MEMMAP)";
  if (memory === "backup") return "the buffer is a vmalloc copy (TRACE_ARRAY_FL_VMALLOC)";
  return undefined;
}

/** One row for each kernel that differs: who may map there. For the docs and for `mmap-layout --json`. */
export function mappingTable(): { kernel: string; answers: Record<MemoryKind, MapAnswer> }[] {
  const buffer = { nrSubbufs: 62, pageSize: 4096 };
  return ["6.12.15", "6.12.107", "6.15", "6.16", "6.18", "6.19", "7.0", "7.1", "7.3"].map((kernel) => ({
    kernel,
    answers: Object.fromEntries(
      MEMORY_KINDS.map((memory) => [memory, whoMayMap(kernelBehaviour(kernel), memory, USUAL_REQUEST, buffer)]),
    ) as Record<MemoryKind, MapAnswer>,
  }));
}
