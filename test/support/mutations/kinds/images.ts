import { kernelsFor } from "../../../../src/compare/outcome.js";
import { NotAnImageError } from "../../../../src/ground/errors.js";
import { readImage } from "../../../../src/image/image.js";
import { MemorySource } from "../../../../src/input/source.js";
import { inspect } from "../../../../src/report/inspect.js";
import { stats } from "../../../../src/report/stats.js";
import { openTrace } from "../../../../src/trace/open.js";
import { openDump } from "../../kernel-text.js";
import { eventsOf, offsetsOf, salvaged } from "../../salvaged.js";
import { aimAt } from "../aim.js";
import type { Dice } from "../dice.js";
import { holds, type Kind, unless } from "../kind.js";
import { mutated } from "../mutate.js";

/** Larger ones take so long that few would be tried. */
const LARGEST = 1024 * 1024;

/** Images: all that counts events counts the same; salvage brings what every kernel keeps, and nothing more the second time. */
export const images: Kind = {
  name: "images",
  async prepare(dumps) {
    const bases = dumps.flatMap((dump) => {
      const image = openDump(dump);
      const { size } = image.source;
      if (size > LARGEST) return [];
      const bytes = image.source.read(0, size);
      return [{ dump, bytes, aim: aimAt(image), offsets: new Set(offsetsOf(eventsOf(bytes))) }];
    });
    return (dice) => {
      const { bytes: sound, aim, offsets } = dice.of(bases);
      const bytes = mutated(sound, dice, aim);
      if (!countsAgree(bytes, dice.chance(0.3))) return;
      if (dice.chance(0.4)) salvageKeeps(bytes, { sound, offsets, dice });
    };
  },
};

/** False where the bytes are no image. */
export function countsAgree(bytes: Uint8Array, consumed: boolean): boolean {
  const image = unless([NotAnImageError], () => readImage(new MemorySource(bytes)));
  if (image === undefined) return false;
  const view = openTrace(image, { formats: new Map() }, { consumed });
  const told = inspect(image).cpus.map(({ events, consumedEvents }) => events + (consumed ? consumedEvents : 0));
  const read = told.map(() => 0);
  for (const { cpu } of view.events()) read[cpu]!++;
  const total = read.reduce((sum, events) => sum + events, 0);
  holds(
    told.every((events, cpu) => events === read[cpu]),
    () => `inspect tells of ${told} events, ${read} are read`,
  );
  const { total: inStats } = stats(view);
  holds(
    view.entries() === total && inStats === total,
    () => `${view.entries()} entries, ${inStats} in stats, ${total} read`,
  );
  return true;
}

interface Sound {
  readonly sound: Uint8Array;
  /** Of its events. */
  readonly offsets: ReadonlySet<number>;
  readonly dice: Dice;
}

/** Salvage brings each event that was read of the image without the damage, that is not damaged, and that a kernel keeps. */
export function salvageKeeps(bytes: Uint8Array, { sound, offsets, dice }: Sound): void {
  const image = readImage(new MemorySource(bytes));
  const saved = salvaged(bytes);
  const found = new Set(saved.offsets);
  const { subbufSize } = image.layout.geometry;
  const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
  const stampOf = (offset: number): Uint8Array => bytes.subarray(offset - (offset % subbufSize)).subarray(0, 8);
  /** Of a sub-buffer that is there twice, one is enough. */
  const isInCopy = (offset: number, data: number, end: number): boolean =>
    saved.offsets.some((other) => {
      const by = other - offset;
      if (by % subbufSize !== 0 || !isSame(stampOf(offset), stampOf(other))) return false;
      return isSame(bytes.subarray(data, end), saved.written.subarray(data + by, end + by));
    });
  const { kernel } = dice.of(kernelsFor(image));
  const lacking = (asKernel: { readonly release: string } | undefined): number => {
    let lacks = 0;
    for (const { offset, record, data, dataSize } of eventsOf(bytes, { asKernel })) {
      if (found.has(offset)) continue;
      // A record that is too short for an event is read in the kernel's own copy: here are its words before the data.
      const isHere = data > record;
      const from = isHere ? offset + (data - record) : offset;
      const end = from + (isHere ? dataSize : data);
      // What was read of it without the damage, and the damage left as it was.
      const isLeft = offsets.has(offset) && isSame(sound.subarray(offset, end), bytes.subarray(offset, end));
      if (isLeft && !isInCopy(offset, from, end)) lacks++;
    }
    return lacks;
  };
  holds(lacking(undefined) === 0, () => `salvage lacks ${lacking(undefined)} events that are read`);
  const { release } = kernel;
  const kept = release === undefined ? 0 : lacking({ release });
  holds(kept === 0, () => `salvage lacks ${kept} events that Linux ${release} keeps`);
}
