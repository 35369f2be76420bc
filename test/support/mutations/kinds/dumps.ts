import { DecodeError, InputError, NotAnImageError, UsageError } from "../../../../src/ground/errors.js";
import { openMemory } from "../../../../src/input/memory/open.js";
import { MemorySource } from "../../../../src/input/source.js";
import { openAnyImage } from "../../../../src/locate/open.js";
import { readingOf } from "../../../../src/reading/reading.js";
import { elfCore, flattened, kdump, lime } from "../../build-memory.js";
import { fixture } from "../../images.js";
import { holds, type Kind } from "../kind.js";
import { mutated } from "../mutate.js";

const PAGE = 4096;
const INFO = "OSRELEASE=7.3.4\nPAGESIZE=4096\nSYMBOL(_stext)=ffffffff81000000\nKERNELOFFSET=0\n";

/** Dumps of a machine's memory in every format, with a small buffer in them: what lies there, or one line. */
export const dumps: Kind = {
  name: "dumps",
  async prepare() {
    const area = fixture("v7.3-few")
      .bytes()
      .subarray(0, 10 * PAGE);
    const stretches = [
      { address: 0x1000, bytes: new Uint8Array(2 * PAGE).fill(0x5a) },
      { address: 0x10_0000, bytes: area },
    ];
    const core = elfCore(stretches, { vmcoreinfo: INFO });
    const packed = kdump(stretches, { vmcoreinfo: INFO });
    const bases = [
      core,
      elfCore(stretches, { is32: true }),
      elfCore(stretches, { bigEndian: true, countInSection: true }),
      packed,
      kdump(stretches, { is32: true }),
      kdump(stretches, { bigEndian: true, vmcoreinfo: INFO }),
      lime(stretches),
      lime(stretches, true),
      flattened(packed, [
        [PAGE, packed.length - PAGE],
        [0, PAGE],
      ]),
    ];
    return async (dice) => {
      const base = dice.of(bases);
      // The headers are at the beginning; what damage does to an area is tried elsewhere.
      const head = Math.min(base.length, dice.chance(0.7) ? 600 : 4 * PAGE);
      const bytes = mutated(base, dice, (d) => d.below(d.chance(0.8) ? head : base.length));
      const source = new MemorySource(bytes, "dump");
      try {
        const memory = await openMemory(source);
        if (memory !== undefined) {
          holds(memory.ranges.length <= bytes.length, "more ranges than bytes");
          for (const { start } of memory.ranges.slice(0, 4))
            holds(memory.read(start, PAGE).length <= PAGE, "more was read than was asked for");
        }
        if (dice.chance(0.3)) readingOf((await openAnyImage("dump", {}, source)).image);
      } catch (error) {
        if (![InputError, DecodeError, NotAnImageError, UsageError].some((kind) => error instanceof kind)) throw error;
      }
    };
  },
};
