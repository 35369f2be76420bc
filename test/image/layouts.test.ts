import { expect, test } from "@jest/globals";
import { alignUp } from "../../src/ground/abi.js";
import { NotAnImageError } from "../../src/ground/errors.js";
import { openImage } from "../../src/index.js";
import { inspect } from "../../src/report/inspect.js";
import { nrSubbufsFor } from "../../src/ring/geometry.js";
import { buildImage, type ImageOptions, SubbufBuilder } from "../support/build-image.js";

const WRITERS = [
  { generation: "per-cpu", inject: false, clockless: false, kernels: "6.12 to 6.14" },
  { generation: "global", inject: false, clockless: true, kernels: "6.15" },
  { generation: "global", inject: false, clockless: false, kernels: "6.16 and later" },
  {
    generation: "global",
    inject: true,
    clockless: false,
    kernels: "7.2 and later, with CONFIG_RING_BUFFER_PERSISTENT_INJECT",
  },
] as const;

/** Every layout that some kernel writes, and some machines that no kernel at hand ran on. */
function* layouts(): Generator<ImageOptions & { kernels: string }> {
  for (const { generation, inject, clockless, kernels } of WRITERS)
    for (const longSize of [4, 8] as const)
      for (const littleEndian of [true, false])
        for (const subbufSize of [4096, 16384, 65536])
          for (const nrCpus of [1, 2, 3, 8]) {
            const totalSize = alignUp(nrCpus * 5 * subbufSize + 65536, 65536);
            const bits64 = longSize === 8;
            const cpuMetaSize = generation === "per-cpu" ? (bits64 ? 56 : 36) : (bits64 ? 32 : 20) + (inject ? 8 : 0);
            const buffersOffset =
              generation === "per-cpu" ? 0 : (bits64 ? 24 + 24 : 16 + 12) + 8192 - (clockless ? longSize : 0);
            const bootMetaSize = generation === "per-cpu" ? 0 : bits64 ? 24 : 16;
            const nrSubbufs = nrSubbufsFor(totalSize, nrCpus, { buffersOffset, bootMetaSize, cpuMetaSize, subbufSize });
            if (nrSubbufs === undefined) continue;
            const virtualStart = bits64 ? 0xffff888000000000n : 0xc0000000n;
            yield {
              abi: { littleEndian, longSize },
              generation,
              inject,
              clockless,
              kernels,
              subbufSize,
              nrCpus,
              totalSize,
              nrSubbufs,
              virtualStart,
            };
          }
}

test("every layout is told from its bytes alone, and its events are counted", async () => {
  let count = 0;
  for (const options of layouts()) {
    const bytes = buildImage(options, (cpu, id, page) => {
      if (id === 0 || id > 2) return;
      const builder = new SubbufBuilder(page, options.abi, BigInt(1000 * id));
      for (let i = 0; i <= cpu; i++) builder.event(1, Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 1));
      builder.commit();
    });
    const report = inspect(await openImage(bytes));
    expect(report.layout).toMatchObject({
      generation: options.generation,
      byteOrder: options.abi.littleEndian ? "little-endian" : "big-endian",
      longSize: options.abi.longSize,
      pageSize: options.subbufSize,
      cpus: options.nrCpus,
      subbufsPerCpu: options.nrSubbufs,
      persistentInject: options.inject ?? false,
      kernels: options.kernels,
    });
    expect(report.cpus.map(({ events }) => events)).toEqual(
      Array.from({ length: options.nrCpus }, (_, cpu) => 2 * (cpu + 1)),
    );
    expect(report.diagnostics).toEqual([]);
    count++;
  }
  expect(count).toBeGreaterThan(100);
});

test("what is no image is said to be none, with what was found", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /input is empty/],
    [new Uint8Array(100), /less than a page/],
    [new Uint8Array(1 << 20), /page of zeros/],
    [
      new Uint8Array(1 << 20).fill(0xff),
      /page of 0xff: .*; `rbtool locate --deep \S+` looks for sub-buffers without one$/,
    ],
    [Uint8Array.from({ length: 8192 }, (_, i) => [0x7f, 0x45, 0x4c, 0x46][i] ?? 1), /ELF/],
    [Uint8Array.from({ length: 300000 }, (_, i) => (i * 2654435761) >>> 13), /neither the magic/],
  ];
  for (const [bytes, message] of cases) {
    const attempt = openImage(bytes);
    await expect(attempt).rejects.toThrow(NotAnImageError);
    await expect(attempt).rejects.toThrow(message);
  }
});
