import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { elfCore, kdump, lime, qemuStream, type Stretch } from "../support/build-memory.js";
import { FIXTURES } from "../support/collection.js";
import { fixture, fixtureImages } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const noise = new Uint8Array(5 * 4096).map((_, i) => Math.imul(i ^ (i >> 3), 2654435761) >>> 24);
const around = (address: number, bytes: Uint8Array): Stretch[] => [
  { address: 0x1000, bytes: noise },
  { address: address - noise.length, bytes: Buffer.concat([noise, bytes, noise]) },
];
const events = async (path: string) => (await rbtool(["events", "--no-live", path])).stdout;

describe.each(fixtureImages.map(({ name }) => name))("%s in a machine's memory", (name) => {
  const dump = fixture(name);
  const bytes = dump.bytes();
  const address = 0x7f40000;
  const stretches = around(address, bytes);

  test.each([
    ["raw", Buffer.concat([Buffer.alloc(4096), noise, bytes, noise]), 0x6000],
    ["elf", elfCore(stretches), address],
    ["kdump", kdump(stretches), address],
    ["lime", lime(stretches), address],
    ["avml", lime(stretches, true), address],
    ["qemu", qemuStream(stretches), address],
    ["elf.gz", gzipSync(elfCore(stretches)), address],
  ] as const)("%s: the same events, and where it was found on stderr", async (format, file, place) => {
    const path = saved(format, file);
    const alone = await events(join(dump.path, "image.bin.gz"));
    const { status, stdout, stderr } = await rbtool(["events", "--no-live", path]);
    expect(status).toBe(0);
    expect(stdout).toBe(alone);
    const where = format === "raw" ? "offset" : "physical";
    expect(stderr).toContain(
      `reading the persistent buffer at ${where} 0x${place.toString(16)}, of ${bytes.length} bytes\n`,
    );
    expect(await events(`${path}@0x${place.toString(16)}`)).toBe(alone);
  });
});

test("a real machine's memory: the events of the area alone", async () => {
  const path = join(FIXTURES, "memory/kdump-6.12.117.flat");
  const { stdout, stderr } = await rbtool(["stats", "--no-live", path]);
  expect(stderr).toContain("reading the persistent buffer at physical 0xbf2a000, of 524288 bytes");
  expect(stdout).toContain("11897 events from 0.000000 to 6.327888");
});

test("a real ELF core of QEMU, its program headers behind its sections: the bytes that QEMU saved of the area alone", async () => {
  const path = join(FIXTURES, "memory/qemu-elf-7.3.4.gz");
  const { stdout } = await rbtool(["locate", "--extract", join(folder, "core"), path]);
  expect(stdout).toMatch(/^0x9e64000 .* 6419 .* PROVEN, sound .* 6\.16 and later$/m);
  expect(stdout).toContain("vmcoreinfo: the kernel is 7.3.4+deb13-cloud-amd64, moved by 0xdc00000 (KASLR)");
  const area = readFileSync(join(folder, "core/0x9e64000.bin"));
  expect(createHash("sha256").update(area).digest("hex")).toBe(
    "99404e060a196feaa79617f016058c09ab7c1f1d1c6726ba9d672966413122a0",
  );
  expect(await events(path)).toBe(await events(saved("qemu-area", area)));
});

test("several are listed, and an address names one", async () => {
  const [one, other] = [fixture("v7.3-few").bytes(), fixture("v6.12-rewind").bytes()];
  const path = saved("two", elfCore([...around(0x7f40000, one), { address: 0x9000000, bytes: other }]));
  const { status, stderr } = await rbtool(["inspect", path]);
  expect(status).toBe(2);
  expect(stderr).toContain("an ELF core with 2 persistent buffers: name one of");
  expect(stderr).toContain(`${path}@0x7f40000 (${one.length} bytes), ${path}@0x9000000 (${other.length} bytes)`);
  expect(await events(`${path}@9000000`)).toBe(await events(join(fixture("v6.12-rewind").path, "image.bin.gz")));
  const nowhere = await rbtool(["inspect", `${path}@0x7f41000`]);
  expect(nowhere.status).toBe(3);
  expect(nowhere.stderr).toMatch(/no persistent trace buffer at 0x7f41000; it has .*@0x7f40000/);
});

test("the physical address comes from the dump, and a person's own word goes before it", async () => {
  const path = saved("phys", elfCore(around(0x7f40000, fixture("v7.3-few").bytes())));
  const physical = async (...args: string[]) => JSON.parse((await rbtool(args)).stdout);
  expect((await physical("inspect", "--json", path)).addresses.physicalStart).toBe("0x7f40000");
  expect((await physical("inspect", "--json", "--phys", "0x1000", path)).addresses.physicalStart).toBe("0x1000");
  expect((await physical("page", "--json", path, "0:0")).physical).toMatch(/^0x7f/);
  const mapping = JSON.stringify(await physical("mmap-layout", "--json", "--kernel", "7.3.4", path));
  expect(mapping).toContain('"0x7f43000"');
});

test("pages that the dump left out are missing, not empty", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const hole = 0x8000;
  const path = saved(
    "hole",
    elfCore([
      { address: 0x7f40000, bytes: bytes.subarray(0, hole) },
      { address: 0x7f40000 + hole + 0x2000, bytes: bytes.subarray(hole + 0x2000) },
    ]),
  );
  const report = JSON.parse((await rbtool(["inspect", "--json", "--pages", path])).stdout);
  expect(report.diagnostics).toContainEqual(
    expect.objectContaining({
      code: "image-holes",
      offset: hole,
      message: "the dump does not have 8192 bytes of the area (at offset 0x8000)",
    }),
  );
  const pages = report.cpus[0].pages.filter(
    ({ offset }: { offset: number }) => offset >= hole && offset < hole + 0x2000,
  );
  expect(pages.map(({ state }: { state: string }) => state)).toEqual(["lost", "lost"]);
  const whole = JSON.parse(
    (await rbtool(["inspect", "--json", "--pages", join(fixture("v7.3-read").path, "image.bin.gz")])).stdout,
  );
  const gone = whole.cpus[0].pages
    .filter(({ offset }: { offset: number }) => offset >= hole && offset < hole + 0x2000)
    .reduce((sum: number, { events: n }: { events: number }) => sum + n, 0);
  expect(gone).toBeGreaterThan(0);
  expect(report.cpus[0].events).toBe(whole.cpus[0].events - gone);
  const check = JSON.parse((await rbtool(["check", "--json", "--kernel", "7.3.4", path])).stdout);
  expect(check.image.name).toBe(`${path}@0x7f40000`);
});

test("memory without any buffer says what it is", async () => {
  const { status, stderr } = await rbtool(["inspect", saved("none", elfCore([{ address: 0, bytes: noise }]))]);
  expect(status).toBe(3);
  expect(stderr).toMatch(
    /none: an ELF core with no persistent trace buffer in it; `rbtool locate --deep \S*none` looks for sub-buffers without one\n$/,
  );
});

test("where memory is missing, that is said with what is not found in it", async () => {
  const stream = qemuStream([{ address: 0x10000, bytes: noise }]);
  const file = saved("cut.qemu", stream.subarray(0, stream.length - 4096));
  const missing =
    /^rbtool: \S*cut.qemu: the stream is cut short: the rest of the memory is missing \(at offset 0x\w+\); /;
  for (const argument of [file, `${file}@0x10000`]) {
    const { status, stderr } = await rbtool(["inspect", argument]);
    expect(status).toBe(3);
    expect(stderr).toMatch(missing);
    expect(stderr.split("\n")).toHaveLength(2);
  }
});

test("who looks for areas alone and finds none is told of the deeper look", async () => {
  const path = saved("none-deep", elfCore([{ address: 0, bytes: noise }]));
  const [look, deep] = [await rbtool(["locate", path]), await rbtool(["locate", "--deep", path])];
  expect([look.status, deep.status]).toEqual([3, 3]);
  expect(look.stderr).toMatch(/`rbtool locate --deep \S*none-deep` looks for sub-buffers without one\n$/);
  expect(deep.stderr).not.toContain("--deep");
});

test("an image whose header is destroyed is still read as one", async () => {
  for (const name of ["v7.3-read", "v6.12-rewind"]) {
    const bytes = Uint8Array.from(fixture(name).bytes()).fill(0x55, 0, 64);
    const { status, stderr, stdout } = await rbtool(["inspect", "--json", saved(`damaged-${name}`, bytes)]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout).cpus).toHaveLength(2);
  }
});

test("the dump is never written over, whatever stands behind its name", async () => {
  const path = saved("precious", elfCore(around(0x7f40000, fixture("v7.3-few").bytes())));
  const { status, stderr } = await rbtool(["recover", "--salvage", "--force", "-o", path, `${path}@0x7f40000`]);
  expect(status).toBe(2);
  expect(stderr).toContain("is the input itself");
});

/** Each byte to the place that its own number, with some bits turned over, says: every reversal within 8 bytes. */
const turned = (bytes: Uint8Array, mask: number): Uint8Array => bytes.map((_, i) => bytes[i ^ mask]!);
const ORDERS = [
  [3, "the bytes of each 32-bit word are"],
  [1, "the bytes of each 16-bit word are"],
  [7, "the bytes of each 64-bit word are"],
  [2, "the halves of each 32-bit word are"],
  [4, "the halves of each 64-bit word are"],
  [6, "the four quarters of each 64-bit word are"],
] as const;

describe.each(["v7.3-read", "v6.12-rewind", "s390x-7.2-few"])("%s in another byte order", (name) => {
  const dump = fixture(name);
  test.each(ORDERS)("byte i at i ^ %i: %s in reverse order", async (mask, what) => {
    const { status, stdout, stderr } = await rbtool([
      "events",
      "--no-live",
      saved("turned", turned(dump.bytes(), mask)),
    ]);
    expect(status).toBe(0);
    expect(stdout).toBe(await events(join(dump.path, "image.bin.gz")));
    expect(stderr).toContain(`${what} in reverse order`);
  });
});

test.each(ORDERS)("a machine's memory with byte i at i ^ %i: %s in reverse order", async (mask, what) => {
  const dump = fixture("v7.3-read");
  const path = saved("turned-memory", turned(Buffer.concat([Buffer.alloc(8192), noise, dump.bytes(), noise]), mask));
  const place = 8192 + noise.length;
  for (const argument of [path, `${path}@${place.toString(16)}`]) {
    const { stdout, stderr } = await rbtool(["events", "--no-live", argument]);
    expect(stdout).toBe(await events(join(dump.path, "image.bin.gz")));
    expect(stderr).toContain(`${what} in reverse order`);
  }
  const { status, stdout, stderr } = await rbtool(["locate", path]);
  expect([status, stderr]).toEqual([0, expect.stringContaining(`${what} in reverse order`)]);
  expect(stdout).toContain(`0x${place.toString(16)}`);
});

test.each([
  [0, "magic"],
  [4, "struct_sizes"],
])("a machine's memory in another byte order, with byte %i of the area damaged: its %s is not needed", async (at) => {
  const dump = fixture("v7.3-read");
  const area = dump.bytes();
  area[at]! ^= 0xff;
  const path = saved("turned-memory", turned(Buffer.concat([Buffer.alloc(8192), noise, area, noise]), 3));
  const { stderr } = await rbtool(["locate", path]);
  expect(stderr).toContain("the bytes of each 32-bit word are in reverse order");
});

test("a 32-bit writer's header fits either way: its sub-buffers tell that the words are in reverse order", async () => {
  const dump = fixture("armhf-7.2-few");
  const { stdout, stderr } = await rbtool(["events", "--no-live", saved("turned", turned(dump.bytes(), 3))]);
  expect(stdout).toBe(await events(join(dump.path, "image.bin.gz")));
  expect(stderr).toContain("the bytes of each 32-bit word are in reverse order");
  const asItIs = await rbtool(["inspect", saved("straight", dump.bytes())]);
  expect(asItIs.stderr).toBe("");
});

test("the same in a machine's memory, and in one that is as it should be", async () => {
  const dump = fixture("armhf-7.2-few");
  const memory = Buffer.concat([Buffer.alloc(8192), noise, dump.bytes(), noise]);
  const alone = await events(join(dump.path, "image.bin.gz"));
  const path = saved("turned-memory", turned(memory, 3));
  const { stdout, stderr } = await rbtool(["events", "--no-live", path]);
  expect(stdout).toBe(alone);
  expect(stderr).toContain("the bytes of each 32-bit word are in reverse order");
  expect((await rbtool(["locate", path])).stderr).toBe(`${stderr.split("\n")[0]}\n`);
  const straight = await rbtool(["events", "--no-live", saved("straight-memory", memory)]);
  expect(straight.stdout).toBe(alone);
  expect(straight.stderr).not.toContain("reverse order");
});

test.each(["v7.3-read", "v6.12-rewind", "s390x-7.2-few", "armhf-7.2-few"])(
  "%s behind a header of any length",
  async (name) => {
    const dump = fixture(name);
    const alone = await events(join(dump.path, "image.bin.gz"));
    for (const header of [100, 4099]) {
      const path = saved("behind", Buffer.concat([noise.subarray(0, header), dump.bytes(), noise.subarray(0, 77)]));
      const { status, stdout, stderr } = await rbtool(["events", "--no-live", path]);
      expect([status, stdout === alone]).toEqual([0, true]);
      expect(stderr).toContain(`reading the persistent buffer at offset 0x${header.toString(16)}, of `);
      expect(await events(`${path}@${header.toString(16)}`)).toBe(alone);
    }
  },
);

test.each([3, 2, 1, 0, -1])("an area that begins %d bytes before the end of what is read at once", async (before) => {
  const bytes = fixture("v7.3-few").bytes();
  const place = 2 ** 20 - before;
  const path = saved(`header-${before}.bin`, Buffer.concat([Buffer.alloc(place, 0x5a), bytes]));
  const { stdout, status } = await rbtool(["locate", "--json", path]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout).areas).toMatchObject([{ address: `0x${place.toString(16)}`, size: bytes.length }]);
});

test("raw memory has its kernel's vmcoreinfo looked for, also where an address names the area", async () => {
  const info = Buffer.alloc(4096);
  info.write("OSRELEASE=7.3.4-raw\nPAGESIZE=4096\nKERNELOFFSET=1c000000\n");
  const area = fixture("v7.3-few").bytes();
  const path = saved("raw-info", Buffer.concat([noise, area, info, noise]));
  for (const argument of [path, `${path}@${noise.length.toString(16)}`])
    expect((await rbtool(["events", "--no-live", argument])).stderr).toContain(
      "vmcoreinfo in the memory: written by 7.3.4-raw, moved by 0x1c000000 (KASLR)",
    );
});

test("without vmcoreinfo the kernel's banner tells the release, if there is one kernel's", async () => {
  const banner = (release: string) =>
    Buffer.from(`Linux version ${release} (builder@host) (gcc 14)\0`.padEnd(4096, "\0"));
  const area = fixture("v7.3-few").bytes();
  const told = async (...banners: string[]) =>
    (await rbtool(["events", "--no-live", saved("said", Buffer.concat([noise, area, ...banners.map(banner)]))])).stderr;
  expect(await told("7.3.4-board", "7.3.4-board")).toContain(
    "the kernel's banner in the memory: written by 7.3.4-board\n",
  );
  expect(await told("7.3.4-board", "6.12.1")).not.toContain("banner");
  expect(await told()).not.toContain("banner");
});
