import type { Abi } from "../../src/ground/abi.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { nrSubbufsFor } from "../../src/ring/geometry.js";
import { layoutOf, RING_BUFFER_CPU_META, RING_BUFFER_META, TRACE_SCRATCH } from "../../src/ring/structs.js";
import { Kallsyms } from "../../src/system/symbols/kallsyms.js";
import type { WritingKernel } from "../../src/system/writing-kernel.js";
import { KernelLine } from "../../src/text/line.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { SubbufBuilder as Builder, buildImage, type SubbufBuilder } from "./build-image.js";
import { traceText } from "./trace-text.js";

/** Images of events that no kernel at hand wrote. */
export const LE64: Abi = { littleEndian: true, longSize: 8 };
export const BE64: Abi = { littleEndian: false, longSize: 8 };
export const LE32: Abi = { littleEndian: true, longSize: 4 };

/** A piece of an event's payload: [bytes, value]; text with its NUL; or bytes. */
export type Part = readonly [1 | 2 | 4 | 8, number | bigint] | string | Uint8Array;

/** An event's payload: the common fields, then the parts, padded to a multiple of 4. */
export function payload(
  abi: Abi,
  type: number,
  pid: number,
  parts: readonly Part[],
  flags = 0,
  preempt = 0,
): Uint8Array {
  const bytes: number[] = [];
  const number = (size: number, value: number | bigint): void => {
    const wrapped = BigInt.asUintN(size * 8, BigInt(value));
    for (let i = 0; i < size; i++) {
      const shift = BigInt(8 * (abi.littleEndian ? i : size - 1 - i));
      bytes.push(Number((wrapped >> shift) & 0xffn));
    }
  };
  number(2, type);
  bytes.push(flags, preempt);
  number(4, pid);
  for (const part of parts) {
    if (typeof part === "string") bytes.push(...Buffer.from(part, "latin1"), 0);
    else if (part instanceof Uint8Array) bytes.push(...part);
    else number(part[0], part[1]);
  }
  while (bytes.length % 4 !== 0) bytes.push(0);
  return Uint8Array.from(bytes);
}

export const KALLSYMS = `ffffffff81000000 T _text
ffffffff81000000 T _stext
ffffffff81001000 T first_function
ffffffff81002000 t second_function
ffffffff81003000 T third_function
ffffffff82000000 D _end
`;

/** An image of one page a CPU, each filled by its function. */
export function madeImage(
  abi: Abi,
  pages: readonly ((page: SubbufBuilder) => void)[],
  time = 1_000_000_000n,
): Uint8Array {
  const totalSize = 16384 + pages.length * 6 * 4096;
  const cpuMetaSize = layoutOf(RING_BUFFER_CPU_META, abi).size;
  const buffersOffset = layoutOf(RING_BUFFER_META, abi).size + layoutOf(TRACE_SCRATCH, abi).size + 128 * 64;
  return buildImage(
    {
      abi,
      generation: "global",
      subbufSize: 4096,
      nrCpus: pages.length,
      totalSize,
      // As many as the kernel makes, or its boot would not know the image.
      nrSubbufs: nrSubbufsFor(totalSize, pages.length, {
        buffersOffset,
        bootMetaSize: layoutOf(RING_BUFFER_META, abi).size,
        cpuMetaSize,
        subbufSize: 4096,
      })!,
      virtualStart: 0xffff888100000000n,
    },
    (cpu, id, bytes) => {
      if (id !== 1) return;
      const page = new Builder(bytes, abi, time);
      pages[cpu]!(page);
      page.commit();
    },
  );
}

/** The lines of the events, without the header. */
export function madeLines(bytes: Uint8Array, options: TraceSpec = {}, writer: Partial<WritingKernel> = {}): string[] {
  const image = readImage(new MemorySource(bytes));
  const facts: WritingKernel = {
    release: "7.3.4",
    formats: new Map(),
    kallsyms: new Kallsyms(Buffer.from(KALLSYMS)),
    ...writer,
  };
  const view = openTrace(image, facts, options);
  const line = new KernelLine(view);
  const text = traceText({
    events: view.events(),
    text: view.text,
    before: (event, out) => line.before(event, out),
    lost: true,
    asGraph: options.graph !== undefined,
    cut: options.asKernel !== undefined,
  });
  return text.split("\n").slice(0, -1);
}
