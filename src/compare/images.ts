import { Sequence } from "../ground/sequence.js";
import type { CpuArea, SubbufRef } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import { readingOf } from "../reading/reading.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";

/** A fact of the whole area that differs. */
export interface AreaChange {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** What became of a sub-buffer between two images. A closed list. */
export type SubbufChangeKind =
  /** Consumed before, unread again: a boot rewound. */
  | "rewound"
  /** Unread before, consumed now. */
  | "consumed"
  /** New events: written, or written further. */
  | "written"
  /** Its header was zeroed; its data still lies there. */
  | "cleared"
  /** Thrown out by a boot, which left the mark of lost events. */
  | "dropped"
  /** Header and data were zeroed. */
  | "zeroed"
  /** The commit's flags or stored count alone: what GET_READER tells of lost events. */
  | "lost-events-noted"
  /** Other bytes, the header the same. */
  | "data-changed";

export interface SubbufChange {
  readonly kind: SubbufChangeKind;
  readonly index: number;
  readonly idFrom: number | undefined;
  readonly idTo: number | undefined;
  readonly eventsFrom: number;
  readonly eventsTo: number;
}

/** How buffers[] changed. */
export type OrderChange =
  | { readonly kind: "same" }
  /** Readers took these sub-buffers, in order. */
  | {
      readonly kind: "swapped";
      readonly swaps: readonly { readonly id: number; readonly taken: number; readonly given: number }[];
    }
  /** The ring was numbered anew, as a boot does that rewinds: the old reader page is in it again. */
  | { readonly kind: "renumbered"; readonly shift: number | undefined; readonly moved: number }
  /** Made new: every id is its index. */
  | { readonly kind: "reset"; readonly moved: number }
  /** One of the files ends before it. */
  | { readonly kind: "unknown" };

export interface CpuChange {
  readonly cpu: number;
  readonly reader: { readonly from: SubbufRef | undefined; readonly to: SubbufRef | undefined } | undefined;
  readonly head: { readonly from: SubbufRef | undefined; readonly to: SubbufRef | undefined } | undefined;
  readonly commit: { readonly from: SubbufRef | undefined; readonly to: SubbufRef | undefined } | undefined;
  readonly order: OrderChange;
  readonly subbufs: readonly SubbufChange[];
  /** Physical indexes of those that one of the files has not, or only in part: they are not compared. */
  readonly missing: readonly number[];
  readonly eventsFrom: number;
  readonly eventsTo: number;
  readonly changed: boolean;
}

export interface ImageComparison {
  /** Layout facts that differ: these are not two states of one area, and CPUs are not compared. */
  readonly layout: readonly AreaChange[];
  readonly area: readonly AreaChange[];
  /** How far all addresses moved; undefined where one of them is not known. */
  readonly addressDelta: bigint | undefined;
  readonly cpus: readonly CpuChange[];
  readonly same: boolean;
}

/** Compares two images of the same area in the kernel's terms. */
export function compareImages(a: Image, b: Image): ImageComparison {
  const layout = layoutChanges(a, b);
  const delta =
    a.virtualStart === undefined || b.virtualStart === undefined ? undefined : b.virtualStart - a.virtualStart;
  if (layout.length > 0) return { layout, area: [], addressDelta: delta, cpus: [], same: false };
  const area = areaChanges(a, b);
  const cpus = a.cpus.map((cpu, i) => compareCpu(a, cpu, b, b.cpus[i]!));
  const same = area.length === 0 && (delta === undefined || delta === 0n) && cpus.every(isSame);
  return { layout, area, addressDelta: delta, cpus, same };
}

function isSame({ changed, missing, order }: CpuChange): boolean {
  return !changed && missing.length === 0 && order.kind !== "unknown";
}

function layoutChanges({ layout: a }: Image, { layout: b }: Image): AreaChange[] {
  const facts: [string, string, string][] = [
    ["layout", a.generation, b.generation],
    ["byte order", order(a.abi.littleEndian), order(b.abi.littleEndian)],
    ["long", `${a.abi.longSize} bytes`, `${b.abi.longSize} bytes`],
    ["page size", `${a.geometry.subbufSize}`, `${b.geometry.subbufSize}`],
    ["CPUs", `${a.nrCpus}`, `${b.nrCpus}`],
    ["sub-buffers of each CPU", `${a.geometry.nrSubbufs}`, `${b.geometry.nrSubbufs}`],
    ["cpu meta", `${a.geometry.cpuMetaSize} bytes`, `${b.geometry.cpuMetaSize} bytes`],
  ];
  return changes(facts);
}

function order(littleEndian: boolean): string {
  return littleEndian ? "little-endian" : "big-endian";
}

function areaChanges(a: Image, b: Image): AreaChange[] {
  const facts: [string, string, string][] = [["total size", `${a.layout.totalSize}`, `${b.layout.totalSize}`]];
  for (const field of ["magic", "struct_sizes", "total_size", "buffers_offset"] as const)
    facts.push([`boot meta ${field}`, hexOf(a.bootMeta?.values[field]), hexOf(b.bootMeta?.values[field])]);
  facts.push(["clock", clock(a), clock(b)]);
  facts.push(["_text", hexOf(a.scratch?.textAddress), hexOf(b.scratch?.textAddress)]);
  facts.push(["modules", modules(a), modules(b)]);
  return changes(facts);
}

function clock({ scratch }: Image): string {
  return scratch
    ? (scratch.clockName ?? (scratch.clockId === undefined ? "not kept" : `unknown id ${scratch.clockId}`))
    : "none";
}

function modules({ scratch }: Image): string {
  return (scratch?.modules ?? []).map(({ name, address }) => `${name} ${hexOf(address)}`).join(", ") || "none";
}

function hexOf(value: number | bigint | undefined): string {
  return value === undefined ? "none" : `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

function changes(facts: readonly [string, string, string][]): AreaChange[] {
  return facts.filter(([, from, to]) => from !== to).map(([what, from, to]) => ({ what, from, to }));
}

function compareCpu(a: Image, cpuA: CpuArea, b: Image, cpuB: CpuArea): CpuChange {
  const before = byIndex(a, cpuA);
  const after = byIndex(b, cpuB);
  const subbufs: SubbufChange[] = [];
  const missing: number[] = [];
  for (let index = 0; index < cpuA.nrSubbufs; index++) {
    const old = subbufBytes(a, cpuA, index).u8;
    const now = subbufBytes(b, cpuB, index).u8;
    if (old.length !== now.length) {
      missing.push(index);
      continue;
    }
    const from = before.at(index);
    const to = after.at(index);
    const kind = kindOf(from, to, dataSame(old, now, a.subbufs.headerSize), isZeroed(now));
    if (kind)
      subbufs.push({
        kind,
        index,
        idFrom: from.id,
        idTo: to.id,
        eventsFrom: from.records.events,
        eventsTo: to.records.events,
      });
  }
  const known = hasMeta(a, cpuA) === hasMeta(b, cpuB);
  const pair = (from: SubbufRef | undefined, to: SubbufRef | undefined) =>
    !known || (from?.id === to?.id && from?.index === to?.index) ? undefined : { from, to };
  const head = pair(cpuA.head, cpuB.head);
  const commit = pair(cpuA.commit, cpuB.commit);
  const reader = pair(cpuA.reader, cpuB.reader);
  const orderChange: OrderChange = known ? compareOrder(cpuA.indexById, cpuB.indexById) : { kind: "unknown" };
  const unread = (image: Image) =>
    readingOf(image).cpus[cpuA.cpu]!.unread.reduce((sum, { records }) => sum + records.events, 0);
  return {
    cpu: cpuA.cpu,
    reader,
    head,
    commit,
    order: orderChange,
    subbufs,
    missing,
    eventsFrom: unread(a),
    eventsTo: unread(b),
    changed:
      subbufs.length > 0 ||
      !!head ||
      !!commit ||
      !!reader ||
      (orderChange.kind !== "same" && orderChange.kind !== "unknown"),
  };
}

/** Whether the file has a CPU's meta and buffers[]. */
function hasMeta({ source }: Image, { buffersOffset, nrSubbufs }: CpuArea): boolean {
  return buffersOffset + 4 * nrSubbufs <= source.size;
}

/** By physical index. */
function byIndex(image: Image, cpu: CpuArea): Sequence<SubbufReading> {
  const { subbufs } = readingOf(image).cpus[cpu.cpu]!;
  return new Sequence(cpu.nrSubbufs, (index) => subbufs.at(cpu.idByIndex[index]!));
}

function kindOf(
  { state: was, header: a }: SubbufReading,
  { state: is, header: b }: SubbufReading,
  sameData: boolean,
  zeroed: boolean,
): SubbufChangeKind | undefined {
  const sameHeader = a.timeStamp === b.timeStamp && a.commit === b.commit;
  if (sameHeader && sameData) {
    if (was === "unread" && is === "consumed") return "consumed";
    return was === "consumed" && is === "unread" ? "rewound" : undefined;
  }
  if (b.size === 0 && b.missedEvents && a.size > 0) return "dropped";
  if (zeroed) return "zeroed";
  if (b.size === 0 && a.size > 0) return "cleared";
  if (b.size === 0 && sameData) return "cleared";
  if (a.timeStamp === b.timeStamp && a.size === b.size && a.commit !== b.commit) return "lost-events-noted";
  if (a.timeStamp === b.timeStamp && a.commit === b.commit) return "data-changed";
  return "written";
}

/** Whether the data of a sub-buffer in two images, of the same length, is the same. */
function dataSame(old: Uint8Array, now: Uint8Array, headerSize: number): boolean {
  return old.subarray(headerSize).every((byte, i) => byte === now[headerSize + i]);
}

function isZeroed(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** What happened to buffers[]: reader swaps, if a chain of exchanges with id 0 leads from one to the other. */
function compareOrder(a: Int32Array, b: Int32Array): OrderChange {
  const moved = a.reduce((sum, index, id) => sum + (index === b[id] ? 0 : 1), 0);
  if (moved === 0) return { kind: "same" };
  if (b.every((index, id) => index === id)) return { kind: "reset", moved };
  const swaps = swapsBetween(a, b);
  // A boot that rewinds numbers nearly every id anew; a reader exchanges one a sub-buffer.
  if (swaps && swaps.length + 1 === moved && moved <= a.length / 2) return { kind: "swapped", swaps };
  return { kind: "renumbered", shift: commonShift(a, b), moved };
}

/** Backwards from the reader page of b: it came from the id that has its predecessor now, and so on. */
function swapsBetween(a: Int32Array, b: Int32Array) {
  const idIn = new Map<number, number>();
  a.forEach((index, id) => {
    idIn.set(index, id);
  });
  const swaps: { id: number; taken: number; given: number }[] = [];
  let index = b[0]!;
  while (index !== a[0]) {
    const id = idIn.get(index);
    if (id === undefined || id === 0 || swaps.length > a.length) return undefined;
    const given = b[id]!;
    swaps.push({ id, taken: index, given });
    index = given;
  }
  return swaps.reverse();
}

/** By how much most sub-buffers' ids grew, if one number holds for most. */
function commonShift(a: Int32Array, b: Int32Array): number | undefined {
  const ring = a.length - 1;
  const newId = new Map<number, number>();
  b.forEach((index, id) => {
    newId.set(index, id);
  });
  const counts = new Map<number, number>();
  a.forEach((index, id) => {
    const to = newId.get(index);
    if (to === undefined || to === 0 || id === 0) return;
    const shift = (((to - id) % ring) + ring) % ring;
    counts.set(shift, (counts.get(shift) ?? 0) + 1);
  });
  for (const [shift, count] of counts) if (count > ring / 2) return shift > ring / 2 ? shift - ring : shift;
  return undefined;
}
