import type { Image } from "../../../src/image/image.js";
import { bootMetaSize } from "../../../src/ring/layouts.js";
import type { Dice } from "./dice.js";
import type { Aim } from "./mutate.js";

/** Hits where they do most: headers, metas, buffers[], headers of sub-buffers, heads of records; sometimes anywhere. */
export function aimAt({ layout, cpus, source, subbufs }: Image): Aim {
  const { subbufSize, nrSubbufs } = layout.geometry;
  const header = Math.max(16, bootMetaSize(layout, layout.abi));
  const pageOf = (dice: Dice): number => {
    const cpu = dice.of(cpus);
    // Those with events are few in a large area.
    const id = cpu.live.length > 0 && dice.chance(0.7) ? dice.of(cpu.live) : dice.below(nrSubbufs);
    return cpu.subbufsOffset + cpu.indexById[id]! * subbufSize;
  };
  return (dice) => {
    switch (dice.below(8)) {
      case 0:
        return dice.below(header + 64);
      case 1: {
        const cpu = dice.of(cpus);
        return cpu.metaOffset + dice.below(layout.geometry.cpuMetaSize);
      }
      case 2: {
        const cpu = dice.of(cpus);
        return cpu.buffersOffset + dice.below(4 * nrSubbufs);
      }
      case 3:
      case 4:
        return pageOf(dice) + dice.below(subbufs.headerSize + 4);
      case 5:
      case 6:
        return pageOf(dice) + subbufs.headerSize + 4 * dice.below(64);
      default:
        return dice.below(source.size);
    }
  };
}
