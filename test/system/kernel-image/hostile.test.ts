import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../../src/ground/errors.js";
import { formatText } from "../../../src/system/kernel-image/event.js";
import { openModule } from "../../../src/system/kernel-image/module.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { eventLayout } from "../../../src/system/kernel-image/structs.js";
import { archiveFiles } from "../../support/archive-files.js";
import { buildKernel } from "../../support/build-kernel.js";
import { buildModule } from "../../support/build-module.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";
import { eventBtf } from "../make-btf.js";

const file = (bytes: Uint8Array, path: string) => ({ origin: path, path, bytes: () => bytes });
const moduleOf = (bytes: Uint8Array) => openModule(file(bytes, "kernel/testing.ko"), eventLayout(8, false, 4));
const dataOf = async (bytes: Uint8Array) => {
  const regions = (await moduleOf(bytes)).data();
  for (const { textAt, tables, size } of regions) for (const at of [0, ...tables, size]) textAt(at);
};

test("a module: its name, what it needs, its event and its functions", async () => {
  const module = await moduleOf(buildModule("testing", "happened"));
  expect(module).toMatchObject({ name: "testing", depends: ["one_other", "another"] });
  expect(module.text).toEqual([{ name: "a_function", type: "t", offset: 0n }]);
  expect(module.events.map((event) => formatText(event, 300).split("\n").slice(0, 2))).toEqual([
    ["name: happened", "ID: 300"],
  ]);
  expect(formatText(module.events[0]!, 300)).toContain("field:u64 value;\toffset:8;\tsize:8;\tsigned:0;");
});

test("program headers that all say the same are looked at once: 65,535 of them took minutes", async () => {
  const { elf } = buildKernel({ ...SMALL_KERNEL, gap: 1, btf: eventBtf(true, 1) });
  const bytes = Buffer.from(elf);
  // e_phentsize and e_phnum of Elf64_Ehdr.
  bytes.writeUInt16LE(0, 54);
  bytes.writeUInt16LE(0xffff, 56);
  await expect(openKernel(file(bytes, "vmlinux"))).resolves.toMatchObject({ release: SMALL_KERNEL.release });
});

test("a program is no kernel, though it is an ELF file that can be loaded", async () => {
  const bytes = Buffer.alloc(4096);
  const { elf } = buildKernel(SMALL_KERNEL);
  bytes.set(Buffer.from(elf).subarray(0, 64 + 56));
  // p_offset and p_filesz of its one segment, and no sections.
  bytes.writeBigUInt64LE(0n, 64 + 8);
  bytes.writeBigUInt64LE(4096n, 64 + 32);
  bytes.writeBigUInt64LE(0n, 40);
  bytes.writeUInt16LE(0, 60);
  await expect(openKernel(file(bytes, "program"))).rejects.toThrow("nothing in it tells of a kernel");
});

/** Bytes changed, words of all ones and of places in the file, and a file cut short. */
const damage = (size: number) =>
  fc.record({
    bytes: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { maxLength: 12 }),
    words: fc.array(fc.tuple(fc.nat(size - 8), fc.oneof(fc.nat(size), fc.constantFrom(-1, 0x7fffffff, 0))), {
      maxLength: 4,
    }),
    length: fc.option(fc.nat(size)),
  });
type Damage = typeof damage extends (size: number) => fc.Arbitrary<infer T> ? T : never;

function damaged(sound: Uint8Array, { bytes, words, length }: Damage): Uint8Array {
  const out = Buffer.from(sound);
  for (const [at, value] of bytes) out[at] = value;
  for (const [at, value] of words) out.writeInt32LE(value, at);
  return new Uint8Array(length === null ? out : out.subarray(0, length));
}

async function endsWell(reading: Promise<unknown>): Promise<void> {
  try {
    await reading;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

test("thousands of damaged modules end in a module or in an InputError", async () => {
  const sound = buildModule("testing", "happened");
  await fc.assert(
    fc.asyncProperty(damage(sound.length), (how) => endsWell(dataOf(damaged(sound, how)))),
    { numRuns: 3000 },
  );
});

test("damaged types and kernels with types end in a kernel or in an InputError", async () => {
  const sound = buildKernel({ ...SMALL_KERNEL, gap: 1, btf: eventBtf(true, 1) }).elf;
  await fc.assert(
    fc.asyncProperty(damage(sound.length), (how) => endsWell(openKernel(file(damaged(sound, how), "vmlinux")))),
    { numRuns: 1000 },
  );
});

test("an event's number that no record has room for is told", async () => {
  const [first, ...others] = SMALL_KERNEL.events;
  const numbered = (fixedId: number) =>
    buildKernel({ ...SMALL_KERNEL, events: [{ ...first!, fixedId }, ...others] }).elf;
  expect((await openKernel(file(numbered(0xffff), "vmlinux"))).events.map(({ id }) => id)).toContain(0xffff);
  await expect(openKernel(file(numbered(0x10000), "vmlinux"))).rejects.toThrow("has 16 bits in a record");
});

test("an archive whose member has a negative size does not go round", async () => {
  const ar = Buffer.from(`!<arch>\n${"data.tar".padEnd(48)}${"-60".padEnd(10)}\`\n`, "latin1");
  await expect(archiveFiles(ar)).rejects.toThrow("ar archive cut short (at offset 0x8)");
});

test("thousands of damaged archives end in files or in an InputError", async () => {
  const tar = Buffer.alloc(2048);
  tar.write("boot/vmlinuz", 0);
  tar.write("0000010\0", 124);
  tar.write("        ", 148);
  tar.write("0", 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const ar = Buffer.from(`!<arch>\n${"data.tar".padEnd(48)}${String(tar.length).padEnd(10)}\`\n`, "latin1");
  const sound = new Uint8Array(Buffer.concat([ar, tar]));
  const read = (bytes: Uint8Array) => archiveFiles(bytes);
  expect((await read(sound)).map(({ path }) => path)).toEqual(["boot/vmlinuz"]);
  await fc.assert(
    fc.asyncProperty(damage(600), (how) => endsWell(read(damaged(sound, { ...how, length: null })))),
    { numRuns: 3000 },
  );
});

test("relocations that overlap are refused, not done again and again", async () => {
  const sound = buildModule("testing", "happened");
  const bytes = Buffer.from(sound);
  const headers = Number(bytes.readBigUInt64LE(40));
  // As many headers as there is room for, each with the whole file as its relocations.
  const more = Buffer.alloc(64 * 1000);
  for (let i = 0; i < 1000; i++) bytes.copy(more, i * 64, headers + 4 * 64, headers + 5 * 64);
  for (let i = 0; i < 1000; i++) more.writeBigUInt64LE(BigInt(bytes.length), i * 64 + 32);
  bytes.writeUInt16LE(1010, 60);
  await expect(moduleOf(new Uint8Array(Buffer.concat([bytes, more])))).rejects.toThrow(InputError);
});
