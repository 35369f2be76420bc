import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { openMemory } from "../../src/input/memory/open.js";
import type { PhysicalMemory } from "../../src/input/memory/physical.js";
import { placesOf } from "../../src/input/memory/qemu-machine.js";
import { openSource } from "../../src/input/open.js";
import { MemorySource } from "../../src/input/source.js";
import { libvirtSave, type QemuWishes, qemuStream, type Stretch, u32be, zlibPage } from "../support/build-memory.js";
import { FIXTURES } from "../support/collection.js";
import { fixture } from "../support/images.js";
import { noise } from "../support/random.js";

const PAGE = 4096;
const GIB = 2 ** 30;
const bytes = noise(5 * PAGE, 1);
const at = (address: number, of = bytes): Stretch => ({ address, bytes: of });

async function memoryIn(file: Uint8Array): Promise<PhysicalMemory> {
  return (await openMemory(new MemorySource(file, "vm.qemu")))!;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

test.each(["qemu-7.2.stream.gz", "qemu-10.0.mapped.gz"])(
  "what QEMU wrote: all memory of a machine, %s",
  async (file) => {
    const memory = (await openMemory(await openSource(join(FIXTURES, "memory", file))))!;
    const area = fixture("v7.3-few").bytes();
    expect(memory.notes).toEqual([]);
    expect(memory.format).toBe("qemu");
    expect(memory.ranges).toEqual([{ start: 0, end: 4 * 2 ** 20 }]);
    expect(equal(memory.read(0x200000, area.length), area)).toBe(true);
    expect(equal(memory.read(0, 0x200000), new Uint8Array(0x200000))).toBe(true);
  },
);

test("pages that have places of their own: of a file that is cut, those that no bit names are missing", async () => {
  const file = gunzipSync(readFileSync(join(FIXTURES, "memory/qemu-10.0.mapped.gz")));
  // Everything behind the memory's own pages: its bits are there, the end of the stream is not.
  const area = fixture("v7.3-few").bytes();
  const cut = file.subarray(0, file.indexOf(area.subarray(0, PAGE)) + 4 * 2 ** 20 - 0x200000);
  const memory = await memoryIn(cut);
  expect(memory.notes.join()).toMatch(/the stream is cut short: the rest of the memory is missing \(at offset 0x/);
  expect(equal(memory.read(0x200000, PAGE), area.subarray(0, PAGE))).toBe(true);
  expect(memory.read(0, 16)).toHaveLength(0);
});

test("pages that have places of their own: a block that leads back to itself ends the walk", async () => {
  const file = Buffer.from(gunzipSync(readFileSync(join(FIXTURES, "memory/qemu-10.0.mapped.gz"))));
  const block = file.indexOf("microvm.ram") - 1;
  file.writeBigUInt64BE(0n, block + 12);
  file.writeBigUInt64BE(BigInt(block), block + 12 + 8 + 20);
  const memory = await memoryIn(file);
  expect(memory.notes.join()).toMatch(/a block's pages lie before it: the rest of the memory is missing/);
  expect(memory.size).toBe(0);
});

test("a page that was written twice is what it was at last", async () => {
  const later = noise(PAGE, 2);
  const memory = await memoryIn(qemuStream([at(0x10000), at(0x12000, later), at(0x30000)]));
  const expected = bytes.slice();
  expected.set(later, 2 * PAGE);
  expect(equal(memory.read(0x10000, expected.length), expected)).toBe(true);
  expect(memory.size).toBe(2 * bytes.length);
});

test("pages of one byte, and pages that zlib packed", async () => {
  const fill = await memoryIn(qemuStream([at(0x10000)], { page: () => [0x02, Uint8Array.of(0x5a)] }));
  expect(equal(fill.read(0x10000, bytes.length), bytes.slice().fill(0x5a))).toBe(true);
  const packed = qemuStream([at(0x10000)], { page: zlibPage });
  expect(equal((await memoryIn(packed)).read(0x10000, bytes.length), bytes)).toBe(true);
  const damaged = Buffer.from(packed)
    .fill(0xff, packed.indexOf(zlibPage(bytes.subarray(0, PAGE))[1]) + 4)
    .subarray(0);
  expect((await memoryIn(damaged)).read(0x10000, 16)).toHaveLength(0);
});

test("a page of which only what changed is there is missing", async () => {
  let n = 0;
  const page: QemuWishes["page"] = (page) => (n++ === 3 ? [0x40, Uint8Array.of(1, 0, 2, 7, 7)] : [0x08, page]);
  const memory = await memoryIn(qemuStream([at(0x10000)], { page }));
  expect(memory.notes).toEqual([
    "vm.qemu: 1 page is missing: QEMU wrote what changed there (XBZRLE), which is not read",
  ]);
  expect(equal(memory.read(0x10000, bytes.length), bytes.subarray(0, 3 * PAGE))).toBe(true);
  expect(equal(memory.read(0x14000, PAGE), bytes.subarray(4 * PAGE))).toBe(true);
});

test("a run of pages on both sides of the hole below 4 GiB", async () => {
  const low = 2 * GIB - 2 * PAGE;
  const memory = await memoryIn(qemuStream([at(low)], { placed: (address) => address }));
  expect(memory.ranges).toEqual([
    { start: low, end: 2 * GIB },
    { start: 4 * GIB, end: 4 * GIB + 3 * PAGE },
  ]);
  expect(equal(memory.read(4 * GIB, 3 * PAGE), bytes.subarray(2 * PAGE))).toBe(true);
});

test("a machine's memory may be of several NUMA nodes, or have a name of one's own", async () => {
  const device = { name: "0000:00:01.0/vga.vram", size: 16 * PAGE };
  const nodes = [device, { name: "ram-node0", size: 32 * PAGE }, { name: "ram-node1", size: 32 * PAGE }];
  const placed = (address: number) => device.size + address;
  const both = await memoryIn(qemuStream([at(30 * PAGE)], { blocks: nodes, placed }));
  expect(both.ranges).toEqual([{ start: 30 * PAGE, end: 35 * PAGE }]);
  expect(equal(both.read(30 * PAGE, bytes.length), bytes)).toBe(true);
  const blocks = [device, { name: "/objects/mine", size: 64 * PAGE }];
  expect(equal((await memoryIn(qemuStream([at(PAGE)], { blocks, placed }))).read(PAGE, bytes.length), bytes)).toBe(
    true,
  );
});

test.each([
  ["pc-q35-7.2", "pc.ram", 0xb0000000, [2 * GIB, 4 * GIB]],
  ["pc-q35-7.2", "pc.ram", 0xafffffff, undefined],
  ["pc-i440fx-10.0", "pc.ram", 0xe0000000, [3 * GIB, 4 * GIB]],
  ["", "pc.ram", 0xdfffffff, undefined],
  ["microvm", "microvm.ram", 4 * GIB, [3 * GIB, 4 * GIB]],
  ["virt", "loongarch.ram", 4 * GIB, [GIB / 4, 2 * GIB]],
])("%s, %s of %d bytes: what is not at its beginning", (machine, ram, size, high) => {
  const places = placesOf(machine, ram, size)!;
  expect(places[0]!.address).toBe(0);
  expect(places[1] && [places[1].from, places[1].address]).toEqual(high);
});

test.each([
  ["virt-7.2", "mach-virt.ram", GIB],
  ["virt", "riscv_virt_board.ram", 2 * GIB],
  ["s390-ccw-virtio-7.2", "s390.ram", 0],
  ["pseries-7.2", "ppc_spapr.ram", 0],
])("%s has its memory in one piece", (machine, ram, address) => {
  expect(placesOf(machine, ram, 64 * GIB)).toMatchObject([{ from: 0, address }]);
});

test("of a machine that is not known, addresses count from the memory's beginning", async () => {
  const memory = await memoryIn(
    qemuStream([at(0x10000)], { machine: "raspi3b", blocks: [{ name: "ram", size: GIB }] }),
  );
  expect(memory.notes).toEqual([
    'vm.qemu: where a machine "raspi3b" has its memory is not known: addresses count from its beginning',
  ]);
  expect(equal(memory.read(0x10000, bytes.length), bytes)).toBe(true);
});

test("larger pages, sections of others, and commands stand between", async () => {
  const large = await memoryIn(
    qemuStream([at(0x10000, noise(0x8000, 3))], {
      pageBits: 14,
      machine: "virt",
      blocks: [{ name: "mach-virt.ram", size: GIB }],
      placed: (address) => address,
    }),
  );
  expect(equal(large.read(GIB + 0x10000, 0x8000), noise(0x8000, 3))).toBe(true);
  const other = Buffer.concat([
    Buffer.from([8, 0, 3, 0, 2, 9, 9, 4]),
    u32be(1),
    Buffer.from("\x05dirty\0\0\0\0\0\0\0\x01"),
    // What looks like its footer, and is none: nothing begins behind it.
    Buffer.from([1, 2, 3, 0x7e, 0, 0, 0, 1, 0x99]),
    noise(3000, 4).map((byte) => byte & 0x3f),
    Buffer.from([0x7e]),
    u32be(1),
  ]);
  const memory = await memoryIn(qemuStream([at(0x10000)], { before: other }));
  expect(memory.notes).toEqual([]);
  expect(equal(memory.read(0x10000, bytes.length), bytes)).toBe(true);
});

test("what libvirt saved: of either byte order; not finished; packed", async () => {
  const stream = qemuStream([at(0x10000)]);
  expect(equal((await memoryIn(libvirtSave(stream, { bigEndian: true }))).read(0x10000, bytes.length), bytes)).toBe(
    true,
  );
  const part = await memoryIn(libvirtSave(stream, { sign: "LibvirtQemudPart" }));
  expect(part.notes).toEqual(["vm.qemu: libvirt did not finish saving it"]);
  await expect(memoryIn(libvirtSave(stream, { packing: 5 }))).rejects.toThrow(
    "vm.qemu: what libvirt saved is packed with zstd: `tail -c +114 FILE | zstd -dc > FILE.qemu` unpacks it",
  );
});

/** Bytes of its own, then zeros up to a size that no file takes: a read of each counts. */
class Sparse extends MemorySource {
  reads = 0;
  override get size(): number {
    return 100 * GIB;
  }

  override read(offset: number, length: number): Uint8Array {
    this.reads += length;
    return Buffer.concat([super.read(offset, length), new Uint8Array(length)]).subarray(0, length);
  }
}

const START = Buffer.from("QEVM\0\0\0\x03\x07\0\0\0\0", "latin1");
const CAPABILITIES = Buffer.from("\x05\x1aconfiguration/capabilities\0\0\0\x01\xff\xff\xff\xff", "latin1");
const NO_BLOCKS = Buffer.from("\x01\0\0\0\x02\x03ram\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\x10\x04", "latin1");

test.each([
  ["capabilities", [START, CAPABILITIES], /the list of capabilities makes no sense: the rest/],
  ["blocks", [START, NO_BLOCKS], /a block of memory comes twice: the rest/],
])("%s without an end, in a file of 100 GiB of zeros, end the walk", async (_, parts, message) => {
  const source = new Sparse(Buffer.concat(parts), "vm.qemu");
  expect((await openMemory(source))!.notes.join()).toMatch(message);
  expect(source.reads).toBeLessThan(2 ** 22);
});

test("what looks like footers, every six bytes, is gone through once", async () => {
  const footers = Buffer.alloc(6 * 2000, Buffer.from([0x7e, 0, 0, 0, 1, 0x99]));
  const section = Buffer.from("\x01\0\0\0\x01\x05dirty\0\0\0\0\0\0\0\0", "latin1");
  const source = new Sparse(Buffer.concat([START, section, footers, Buffer.from([0x7e, 0, 0, 0, 1])]), "vm.qemu");
  expect((await openMemory(source))!.notes.join()).toMatch(/the stream breaks off: the rest/);
  expect(source.reads).toBeLessThan(2 ** 22);
});

/** The first page twice, as two bytes over and over: neither goes on where the other ends. */
const ZERO_AND_ONE = Buffer.from("\0\0\0\0\0\0\0\x22\0\0\0\0\0\0\0\0\x22\x01", "latin1");

test.each([
  [
    "libvirt's header before something else",
    libvirtSave(Buffer.alloc(64), { packing: 9 }),
    /no QEMU stream begins where one should \(at offset 0x71\)/,
  ],
  ["another version", Buffer.from("QEVM\0\0\0\x04"), /a QEMU stream of version 4: version 3 is read/],
  ["pages without bound", qemuStream([], { pageBits: 40 }), /a QEMU stream of pages of 2\^40 bytes/],
  [
    "blocks without bound",
    qemuStream([], { blocks: Array.from({ length: 5000 }, (_, i) => ({ name: `b${i}`, size: PAGE })) }),
    /a QEMU stream of more than 4096 blocks of memory/,
  ],
  [
    "pieces without bound",
    qemuStream([at(0, new Uint8Array(1))], {
      page: () => [0x02, Buffer.concat([Buffer.of(0), ...Array<Buffer>(2 ** 20 + 1).fill(ZERO_AND_ONE)])],
    }),
    /a QEMU stream whose pages lie in more than 2097152 pieces: load it in QEMU, then `dump-guest-memory`/,
  ],
])("%s is one line", async (_, file, message) => {
  await expect(memoryIn(file)).rejects.toThrow(InputError);
  await expect(memoryIn(file)).rejects.toThrow(message);
});
