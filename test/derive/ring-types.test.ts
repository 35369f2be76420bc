import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { RingTypesError, ringDifference, ringLayoutOf } from "../../src/derive/ring-types.js";
import type { Abi } from "../../src/ground/abi.js";
import { hasStrangeHeader } from "../../src/image/detect/signs.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { WRITER_LAYOUTS } from "../../src/ring/layouts.js";
import { RING_BUFFER_CPU_META, RING_BUFFER_META, type StructTable, TRACE_SCRATCH } from "../../src/ring/structs.js";
import { Btf } from "../../src/system/btf.js";
import { buildImage, SubbufBuilder } from "../support/build-image.js";
import { rbtool } from "../support/run.js";
import { ringBtf } from "../system/make-btf.js";

const ABI: Abi = { littleEndian: true, longSize: 8 };

/** A kernel of tomorrow: two fields more, in front of those that are known. */
const TOMORROW: StructTable = {
  name: "ring_buffer_cpu_meta",
  source: "nobody",
  fields: {
    flavour: { type: "u64", about: "" },
    ...RING_BUFFER_CPU_META.fields,
    colour: { type: "u32", about: "" },
  },
};
const tablesOf = (row: (typeof WRITER_LAYOUTS)[number]): StructTable[] =>
  [row.bootMeta, row.scratch, row.cpuMeta].filter((table) => table !== undefined);

test("the types of every known layout are that layout", () => {
  for (const row of WRITER_LAYOUTS)
    for (const longSize of [4, 8] as const)
      expect(ringLayoutOf(new Btf(ringBtf(tablesOf(row), { littleEndian: longSize === 8, longSize })))).toBe(row);
});

const image = buildImage(
  {
    abi: ABI,
    generation: "global",
    cpuMeta: TOMORROW,
    subbufSize: 4096,
    nrCpus: 2,
    totalSize: 256 * 1024,
    nrSubbufs: 30,
    virtualStart: 0xffff888100000000n,
  },
  (_, id, page) => {
    if (id > 1) return;
    const records = new SubbufBuilder(page, ABI, 1000n + BigInt(id));
    records.event(1, new Uint8Array([5, 0, 0, 0, 1, 0, 0, 0, 0x41, 0, 0, 0])).commit();
  },
);
const types = ringBtf([RING_BUFFER_META, TRACE_SCRATCH, TOMORROW]);

test("a layout that no table has is read by the kernel's own types", () => {
  const source = new MemorySource(image);
  expect(hasStrangeHeader(source)).toBe(true);
  const layout = ringLayoutOf(new Btf(types))!;
  const opened = readImage(source, { layout });
  expect(opened.layout.nrCpus).toBe(2);
  expect(opened.diagnostics.list).toEqual([]);
  expect(opened.cpus.map(({ subbufSize }) => subbufSize)).toEqual([4096, 4096]);
});

test("events --btf reads it, and says by what", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-"));
  writeFileSync(join(folder, "image"), image);
  writeFileSync(join(folder, "vmlinux.btf"), types);
  const { stdout, stderr } = await rbtool(["events", "--btf", join(folder, "vmlinux.btf"), join(folder, "image")]);
  expect(stderr).toContain("no known kernel lays its buffer out as this one: read by the writing kernel's own types");
  expect(stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toHaveLength(4);
});

test("what cannot be read is an error that names the struct and the field", () => {
  const without = { ...RING_BUFFER_CPU_META, fields: { first_buffer: RING_BUFFER_CPU_META.fields.first_buffer } };
  const bad = (table: StructTable) => () => ringLayoutOf(new Btf(ringBtf([RING_BUFFER_META, TRACE_SCRATCH, table])));
  expect(bad(without)).toThrow(RingTypesError);
  expect(bad(without)).toThrow("BTF: struct ring_buffer_cpu_meta: no head_buffer: this kernel's buffer cannot be read");
  const { nr_subbufs, ...others } = RING_BUFFER_CPU_META.fields;
  expect(bad({ ...TOMORROW, fields: { nr_subbufs, ...others } })).toThrow("nr_subbufs does not follow subbuf_size");
  const page: StructTable = { name: "buffer_data_page", source: "", fields: { commit: { type: "u64", about: "" } } };
  expect(bad(page)).toThrow("BTF: struct buffer_data_page: no time_stamp: this kernel's sub-buffers cannot be read");
});

test("where layouts differ is told by struct", () => {
  const [now, before] = WRITER_LAYOUTS;
  const oldest = WRITER_LAYOUTS.find(({ generation }) => generation === "per-cpu");
  expect(ringDifference(now!, oldest!, ABI)).toBe("it has a struct ring_buffer_meta, and the image has none");
  expect(ringDifference(oldest!, now!, ABI)).toBe("it has no struct ring_buffer_meta, and the image has one");
  expect(ringDifference(now!, now!, ABI)).toBeUndefined();
  expect(ringDifference(now!, before!, ABI)).toBe(
    "struct trace_scratch: 24 bytes (clock_id at 0, text_addr at 8, nr_entries at 16), not 16 bytes (text_addr at 0, nr_entries at 8)",
  );
});
