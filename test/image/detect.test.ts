import { expect, test } from "@jest/globals";
import type { CpuArea } from "../../src/image/cpu-area.js";
import { detectLayout } from "../../src/image/detect/detect.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { cpuMetaOffset, nrSubbufsFor } from "../../src/ring/geometry.js";
import { Dump } from "../support/images.js";

/** Where the first CPU's meta and its buffers[] lie in v7.3-read, and how many sub-buffers each CPU has. */
const META = 0x2030;
const BUFFERS = META + 32;
const NR = 62;
const SUBBUF = 4096;

class CountedSource extends MemorySource {
  probes = 0;
  looked = 0;

  override probe(offset: number, length: number): Uint8Array {
    this.probes++;
    const bytes = super.probe(offset, length);
    this.looked += bytes.length;
    return bytes;
  }
}

function image(change: (view: DataView, bytes: Uint8Array) => void): CountedSource {
  const bytes = new Dump("v7.3-read").bytes().slice();
  change(new DataView(bytes.buffer, bytes.byteOffset), bytes);
  return new CountedSource(bytes);
}

test("the first sub-buffer may have come to be the last of the ring: the metas agree all the same", () => {
  const source = image((view) => {
    const at = (id: number) => BUFFERS + 4 * id;
    const first = Array.from({ length: NR }, (_, id) => id).find((id) => view.getUint32(at(id), true) === 0)!;
    view.setUint32(at(first), view.getUint32(at(NR - 1), true), true);
    view.setUint32(at(NR - 1), 0, true);
  });
  expect(detectLayout(source)).toMatchObject({ agreed: true, nrCpus: 2, geometry: { nrSubbufs: NR } });
});

test.each([
  ["nothing", () => {}, 60],
  ["the first CPU's meta", (_: DataView, bytes: Uint8Array) => bytes.fill(0xa5, META, META + 32), 100],
  ["its count", (view: DataView) => view.setUint32(META + 28, 9999, true), 100],
  [
    "the header and the first CPU's meta",
    (_: DataView, bytes: Uint8Array) => bytes.fill(0xa5, 0, 32).fill(0xa5, META, META + 32),
    400,
  ],
])("a damaged header costs no search that is not needed: %s", (_what, change, most) => {
  const source = image(change);
  expect(detectLayout(source)).toMatchObject({ nrCpus: 2, geometry: { nrSubbufs: NR, subbufSize: 4096 } });
  expect(source.probes).toBeLessThan(most);
});

test("a header that puts the metas elsewhere, and no meta to bear it out: they lie where kernels put them", () => {
  const source = image((view, bytes) => {
    const { cpus } = readImage(new MemorySource(bytes));
    view.setBigUint64(0x10, 0x2000n, true);
    for (const { metaOffset, subbufsOffset } of cpus) bytes.fill(0xff, metaOffset, subbufsOffset);
  });
  expect(detectLayout(source)).toMatchObject({ nrCpus: 2, geometry: { buffersOffset: META, nrSubbufs: NR } });
});

test("a number where another layout has a CPU's meta is none without the signs that each carries there", () => {
  const place = { buffersOffset: 0, bootMetaSize: 0, cpuMetaSize: 36, subbufSize: 4096 };
  const source = image((view, bytes) => {
    for (const { metaOffset, subbufsOffset } of readImage(new MemorySource(bytes)).cpus)
      bytes.fill(0xff, metaOffset, subbufsOffset);
    const nrSubbufs = nrSubbufsFor(bytes.length, 16, place)!;
    const second = cpuMetaOffset({ ...place, nrSubbufs }, 1);
    bytes.fill(0, second, second + place.cpuMetaSize);
    view.setUint32(second + 32, nrSubbufs, true);
  });
  expect(detectLayout(source)).toMatchObject({ generation: "global", nrCpus: 2, geometry: { nrSubbufs: NR } });
});

test("a record that begins as a count of sub-buffers, before zeros, is no CPU's meta", () => {
  const bytes = new Dump("v7.3-rewind").bytes().slice();
  const [first, second] = readImage(new MemorySource(bytes.slice())).cpus as [CpuArea, CpuArea];
  // A sub-buffer where the first CPU's meta was, and nothing where the second's was.
  bytes.copyWithin(first.subbufsOffset - SUBBUF, 0x57000, 0x57000 + SUBBUF);
  bytes.fill(0, second.metaOffset, second.metaOffset + 32);
  expect(detectLayout(new MemorySource(bytes))).toMatchObject({
    abi: { longSize: 8 },
    nrCpus: 2,
    geometry: { nrSubbufs: NR },
  });
});

test.each([
  ["240 MB", 240n << 20n],
  ["512 MB", 512n << 20n],
  ["4 TB", 1n << 42n],
])("a header that names an area of %s in a file of 24 KB is looked at for what the file holds", (_what, bytes) => {
  const start = new Uint8Array(24 * 1024);
  start.set(new Dump("v7.3-read").bytes().subarray(0, 24));
  new DataView(start.buffer).setBigUint64(8, bytes, true);
  const source = new CountedSource(start);
  expect(detectLayout(source)).toBeUndefined();
  expect(source.probes).toBeLessThan(10_000);
  expect(source.looked).toBeLessThan(400 * start.length);
});
