import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { machineKernels } from "../../src/commands/context/machine-kernels.js";

const root = mkdtempSync(join(tmpdir(), "rbtool-machine-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(path: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), path);
}

test("a machine without kernels has none", async () => {
  expect(await machineKernels(undefined, root)).toBeUndefined();
});

test("kernels of /boot and of /lib/modules, with the modules of their release", async () => {
  file("boot/vmlinuz-6.12.1");
  file("boot/initrd.img-6.12.1");
  file("lib/modules/6.12.1/kernel/fs/ext4.ko.xz");
  file("lib/modules/7.3.4/vmlinuz");
  file("lib/modules/5.0.0/kernel/old.ko");
  const all = (await machineKernels(undefined, root))!;
  expect(all.kernels.map(({ origin }) => origin)).toEqual([
    join(root, "lib/modules/7.3.4/vmlinuz"),
    join(root, "boot/vmlinuz-6.12.1"),
  ]);
  expect(all.modules.map(({ path }) => path)).toEqual(["lib/modules/6.12.1/kernel/fs/ext4.ko.xz"]);
  const one = (await machineKernels("7.3.4", root))!;
  expect(one.kernels.map(({ origin }) => origin)).toEqual([join(root, "lib/modules/7.3.4/vmlinuz")]);
  expect(Buffer.from(one.kernels[0]!.bytes()).toString()).toBe("lib/modules/7.3.4/vmlinuz");
  expect(await machineKernels("9.9.9", root)).toBeUndefined();
});
