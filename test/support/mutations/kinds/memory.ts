import { openDump } from "../../kernel-text.js";
import { eventsOf, offsetsOf } from "../../salvaged.js";
import type { Kind } from "../kind.js";
import { DAMAGES } from "../memory-damage.js";
import { countsAgree, salvageKeeps } from "./images.js";

/** Larger ones take so long that few would be tried. */
const LARGEST = 1024 * 1024;

/** Images, damaged as memory and firmware do, and copying: what holds of images with single damages holds of these. */
export const memory: Kind = {
  name: "memory",
  async prepare(dumps) {
    const bases = dumps.flatMap((dump) => {
      const image = openDump(dump);
      const { size } = image.source;
      if (size > LARGEST) return [];
      const bytes = new Uint8Array(image.source.read(0, size));
      return [{ image, bytes, offsets: new Set(offsetsOf(eventsOf(bytes))) }];
    });
    const others = bases.map(({ bytes }) => bytes);
    return (dice) => {
      const { image, bytes: sound, offsets } = dice.of(bases);
      const bytes = dice.of(DAMAGES)({ bytes: sound.slice(), image, others }, dice);
      if (countsAgree(bytes, dice.chance(0.3))) salvageKeeps(bytes, { sound, offsets, dice });
    };
  },
};
