import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";
import { InputError } from "../../src/ground/errors.js";
import { Allowance } from "../../src/input/budget.js";
import { gatherSystem } from "../../src/system/load.js";
import { archiveFiles } from "../support/archive-files.js";
import { cpioOf } from "../support/build-cpio.js";
import { rpmOf } from "../support/build-rpm.js";
import { has } from "../support/programs.js";

const dir = mkdtempSync(join(tmpdir(), "rbtool-archives-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Files whose names and sizes end anywhere in what formats pad them to. */
const FILES = Array.from({ length: 9 }, (_, i) => ({ path: `f${"x".repeat(i)}`, text: "content ".repeat(2).slice(i) }));

const cpio = (files: readonly { readonly path: string; readonly text: string; readonly mode?: number }[]): Buffer =>
  cpioOf(files.map(({ text, ...file }) => ({ ...file, bytes: Buffer.from(text) })));

function tar(): string {
  for (const { path, text } of FILES) writeFileSync(join(dir, path), text);
  const path = join(dir, "data.tar.gz");
  execFileSync("tar", ["-czf", path, "-C", dir, ...FILES.map((file) => file.path)]);
  return path;
}

/** By ar itself; the member before the data has an odd size. */
function deb(): Buffer {
  writeFileSync(join(dir, "debian-binary"), "2.0\n");
  writeFileSync(join(dir, "control.tar"), "odd");
  const path = join(dir, "one.deb");
  execFileSync("ar", ["rc", path, join(dir, "debian-binary"), join(dir, "control.tar"), tar()]);
  return execFileSync("cat", [path]);
}

const read = async (bytes: Uint8Array) =>
  (await archiveFiles(bytes)).map((file) => ({
    path: file.path,
    text: Buffer.from(file.bytes).toString("latin1"),
  }));

test.each([
  ["a cpio archive", () => cpio(FILES)],
  ["an rpm", () => rpmOf(cpio(FILES))],
  ["an rpm that is packed", () => rpmOf(gzipSync(cpio(FILES)))],
  ...(has("ar") ? [["a deb", deb] as const] : []),
])("each file of %s, whatever its name's and its own length", async (_, make) => {
  expect(await read(make())).toEqual(FILES);
});

(has("ar") ? test : test.skip)("a package without a file of a kernel names those that it depends on", async () => {
  const folder = mkdtempSync(join(dir, "meta-"));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at("debian-binary"), "2.0\n");
  writeFileSync(at("README"), "nothing\n");
  writeFileSync(
    at("control"),
    "Package: linux-image-9\nPre-Depends: linux-base (>= 4.17~)\nDepends: dracut-5 | initramfs-tools-6,\n" +
      " linux-base, linux-binary-9.1+x (= 9), linux-modules-9.1:any\nRecommends: apparmor-7\n",
  );
  execFileSync("tar", ["-cJf", at("control.tar.xz"), "-C", folder, "./control"]);
  execFileSync("tar", ["-cf", at("data.tar"), "-C", folder, "README"]);
  execFileSync("ar", ["rc", at("meta.deb"), at("debian-binary"), at("control.tar.xz"), at("data.tar")]);
  await expect(gatherSystem([at("meta.deb")])).rejects.toThrow(
    /meta\.deb: nothing in it tells of a kernel; .* depends on: linux-binary-9\.1\+x, linux-modules-9\.1$/,
  );
  writeFileSync(at("config"), "CONFIG_HZ=300\n");
  // With others that do tell, it is passed over.
  expect((await gatherSystem([at("meta.deb"), at("config")])).kernels).toHaveLength(1);
});

test("an rpm without a file of a kernel names those that it requires", async () => {
  const path = join(mkdtempSync(join(dir, "meta-")), "kernel.rpm");
  const requires = [
    ["kernel-core-uname-r", "6.12.5-200.fc41.x86_64", 8],
    ["linux-firmware", "20240101", 0xc],
    ["kernel-modules-6.12", "", 0],
    ["rpmlib(PayloadIsZstd)", "5.4.18-1", 0x100000a],
    ["/bin/sh", "", 0x500],
  ] as const;
  writeFileSync(path, rpmOf(gzipSync(cpio([])), requires));
  await expect(gatherSystem([path])).rejects.toThrow(
    /kernel\.rpm: nothing in it tells of a kernel; .* depends on: kernel-core-uname-r = 6\.12\.5-200\.fc41\.x86_64, kernel-modules-6\.12$/,
  );
  // Counts and places that reach beyond the header are no lists.
  const wild = rpmOf(cpio([]), requires);
  wild.fill(0xff, wild.indexOf(Buffer.from([0, 0, 4, 0x19])) + 8, wild.indexOf(Buffer.from([0, 0, 4, 0x19])) + 16);
  writeFileSync(path, wild);
  await expect(gatherSystem([path])).rejects.toThrow(/kernel\.rpm: nothing in it tells of a kernel$/);
});

test("a cpio archive's directories and links are no files", async () => {
  const others = [
    { path: "dir", text: "", mode: 0o040755 },
    { path: "link", text: "target", mode: 0o120777 },
  ];
  expect(await read(cpio([...others, ...FILES]))).toEqual(FILES);
});

test("an archive that is cut is an InputError", async () => {
  for (const whole of [cpio(FILES), rpmOf(cpio(FILES)), ...(has("ar") ? [deb()] : [])])
    await expect(read(whole.subarray(0, whole.length / 2))).rejects.toThrow(InputError);
});

/** Many modules, of which each is as large as what is kept of an output as its dictionary. */
const MANY = Array.from({ length: 24 }, (_, i) => `lib/modules/1/m${i}.ko`);

const PACKERS = [
  ["xz", "xz"],
  ["zst", "zstd"],
  ["gz", "gzip"],
] as const;

test.each(PACKERS.filter(([, program]) => has(program) && has("ar")))(
  "of a package packed by %s only what is wanted is kept, and comes whole",
  async (suffix, program) => {
    const folder = mkdtempSync(join(dir, "package-"));
    mkdirSync(join(folder, "lib/modules/1"), { recursive: true });
    // Bytes that nothing packs: a stream of them is larger than what is read at once.
    const noise = (i: number): Buffer =>
      createHash("shake256", { outputLength: 1024 * 1024 + i })
        .update(`${i}`)
        .digest();
    for (const [i, path] of MANY.entries()) writeFileSync(join(folder, path), noise(i));
    const tar = execFileSync("tar", ["-cf", "-", "-C", folder, ...MANY], { maxBuffer: 2 ** 26 });
    const packed = execFileSync(program, ["-c", ...(program === "xz" ? ["-0"] : [])], {
      input: tar,
      maxBuffer: 2 ** 26,
    });
    writeFileSync(join(folder, "debian-binary"), "2.0\n");
    writeFileSync(join(folder, `data.tar.${suffix}`), packed);
    const path = join(folder, "one.deb");
    execFileSync("ar", ["rc", path, join(folder, "debian-binary"), join(folder, `data.tar.${suffix}`)]);
    const system = await gatherSystem([path], (name) => name === "m3" || name === "m23");
    expect(system.modules.map((file) => file.path)).toEqual([MANY[3], MANY[23]]);
    expect(system.modules.map((file) => Buffer.compare(file.bytes(), noise(file.path === MANY[3] ? 3 : 23)))).toEqual([
      0, 0,
    ]);
    expect(system.moreModules).toBe(true);
    // What is passed over costs nothing of what may be taken.
    expect(new Allowance().left - system.allowance.left).toBe(2 * 1024 * 1024 + 26);
    expect((await gatherSystem([path], () => false)).modules).toEqual([]);
  },
);
