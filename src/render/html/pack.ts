import { gzipSync } from "node:zlib";
import type { LaneData } from "../../report/lanes.js";

/** What the script is told of a column: its name, kind and length. */
export type ColumnNote = readonly [name: string, kind: "f64" | "u16", count: number];

/** The columns of the lanes as one text, and what the script needs to take them apart. */
export function packedLanes({ events, ran, inCall, irqs }: LaneData): { base64: string; columns: ColumnNote[] } {
  const all: readonly (readonly [string, Float64Array | Uint16Array])[] = [
    ["time", events.time],
    ["offset", events.offset],
    ["ranFrom", ran.from],
    ["ranTo", ran.to],
    ["callFrom", inCall.from],
    ["callTo", inCall.to],
    ["irqFrom", irqs.from],
    ["irqTo", irqs.to],
    ["cpu", events.cpu],
    ["type", events.type],
    ["task", events.task],
    ["ranCpu", ran.cpu],
    ["ranWhat", ran.what],
    ["callCpu", inCall.cpu],
    ["callWhat", inCall.what],
    ["irqCpu", irqs.cpu],
    ["irqWhat", irqs.what],
  ];
  const columns = all.map(
    ([name, values]): ColumnNote => [name, values instanceof Float64Array ? "f64" : "u16", values.length],
  );
  // Each begins where any kind of number may lie.
  const size = all.reduce((sum, [, { byteLength }]) => sum + aligned(byteLength), 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const [, values] of all) {
    bytes.set(littleEndian(values), at);
    at += aligned(values.byteLength);
  }
  // A hundredth larger than at 6, in a third of the time.
  return { base64: gzipSync(bytes, { level: 4 }).toString("base64"), columns };
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Browsers' machines are little-endian; this one may not be. */
function littleEndian(values: Float64Array | Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const size = values.BYTES_PER_ELEMENT;
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) swapped[i] = bytes[i - (i % size) + (size - 1 - (i % size))]!;
  return swapped;
}
