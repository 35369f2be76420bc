import type { Abi } from "../../../src/ground/abi.js";
import { buildImage, SubbufBuilder } from "../build-image.js";
import { BE64, LE32, LE64 } from "../formats.js";
import { countsAgree } from "../mutations/kinds/images.js";
import type { Target } from "./target.js";

const PAGE = 4096;

/** Whole images, small ones so that many can be tried. */
export const target: Target = {
  corpus: () =>
    [LE64, LE32, BE64].flatMap((abi) => [smallImage(abi, "global", true), smallImage(abi, "per-cpu", false)]),
  fuzz: (data) => {
    countsAgree(data, false);
  },
};

/** Two CPUs of four sub-buffers, with records of each kind. */
function smallImage(abi: Abi, generation: "global" | "per-cpu", inject: boolean): Uint8Array {
  const options = { abi, generation, inject, subbufSize: PAGE, nrCpus: 2, nrSubbufs: 4, totalSize: 12 * PAGE };
  const virtualStart = abi.longSize === 8 ? 0xffff_8881_0000_0000n : 0xc100_0000n;
  return buildImage({ ...options, virtualStart }, (cpu, id, page) => {
    if (id === 0) return;
    const time = BigInt(1_000_000 * id + cpu);
    new SubbufBuilder(page, abi, time)
      .event(10, new Uint8Array(16).fill(id))
      .timeExtend(100_000n)
      .event(5, new Uint8Array(120).fill(cpu + 1), true)
      .padding(16)
      .timeStamp(time + 200_000n)
      .event(1, new Uint8Array(8).fill(5))
      .commit();
  });
}
