import { imageEvents } from "../events/image-events.js";
import { Bytes } from "../ground/bytes.js";
import type { Image } from "../image/image.js";
import { readingOf } from "../reading/reading.js";
import type { Btf } from "../system/btf.js";
import type { WritingBoot } from "../system/kernel-image/fit.js";
import type { SampledRecord } from "../system/kernel-image/record-fit.js";
import { recordKinds } from "./record-kinds.js";
import { RingTypesError, ringDifference, ringLayoutOf } from "./ring-types.js";

/** What an image says of the boot that wrote it: the facts that a kernel's own file is held against. */
export function writingBootOf(image: Image): WritingBoot {
  const { layout, scratch } = image;
  const marks = image.cpus
    .map(({ meta }) => meta?.values as { readonly text_addr?: bigint; readonly data_addr?: bigint } | undefined)
    .find((values) => values?.text_addr);
  return {
    abi: layout.abi,
    hasScratch: layout.generation === "global",
    text: scratch?.textAddress || undefined,
    marks:
      marks?.text_addr === undefined || marks.data_addr === undefined
        ? undefined
        : { text: marks.text_addr, data: marks.data_addr },
    modules: scratch?.modules.map(({ name, address }) => ({ name, address })) ?? [],
    ringDifference: (types) => ringDifferenceOf(image, types),
    records: (ids, most) => recordsOf(image, ids, most),
    words: (offsets) => wordsOf(image, offsets),
    ...recordKinds(image),
  };
}

function recordsOf(image: Image, ids: ReadonlySet<number>, most: number): SampledRecord[] {
  const out: SampledRecord[] = [];
  if (ids.size === 0) return out;
  const counts = new Map<number, number>();
  const stream = imageEvents(image, readingOf(image).cpus);
  for (let event = stream.next(); event !== undefined; event = stream.next()) {
    const { type, bytes, data, dataSize } = event;
    const count = counts.get(type) ?? 0;
    if (!ids.has(type) || count >= most) continue;
    counts.set(type, count + 1);
    // The stream uses its memory again.
    out.push({ id: type, data: new Bytes(bytes.u8.slice(data, data + dataSize), image.layout.abi) });
  }
  return out;
}

/** Distinct words are few; more would be no pointers. */
const MAX_WORDS = 65_536;

function wordsOf(image: Image, offsets: ReadonlyMap<number, readonly number[]>): Set<bigint> {
  const words = new Set<bigint>();
  const { longSize } = image.layout.abi;
  const stream = imageEvents(image, readingOf(image).cpus);
  for (let event = stream.next(); event !== undefined && words.size < MAX_WORDS; event = stream.next())
    for (const offset of offsets.get(event.type) ?? [])
      if (offset + longSize <= event.dataSize) words.add(event.bytes.long(event.data + offset));
  return words;
}

function ringDifferenceOf({ layout }: Image, types: Btf): string | undefined {
  try {
    const told = ringLayoutOf(types);
    return told && ringDifference(told, layout, layout.abi);
  } catch (error) {
    if (error instanceof RingTypesError) return error.message;
    throw error;
  }
}
