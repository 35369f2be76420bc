// Runs an executable as who has nothing else would: in an empty directory, without Node on the PATH.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";
const SYSROOT = "/usr/aarch64-linux-gnu";

/** How this machine runs a target's programs; undefined where it cannot. */
export function runnerOf(name) {
  if (name === `${process.platform}-${process.arch}`) return [];
  const emulated = ["/usr/bin/qemu-aarch64-static", "/usr/bin/qemu-aarch64"].find((file) => existsSync(file));
  const libraries = ["ld-linux-aarch64.so.1", "libstdc++.so.6", "libgcc_s.so.1"].map((lib) =>
    join(SYSROOT, "lib", lib),
  );
  if (name === "linux-arm64" && process.platform === "linux" && emulated && libraries.every((lib) => existsSync(lib)))
    return [emulated, "-L", SYSROOT];
  return undefined;
}

/** Throws unless it reads a real image. */
export function tryExecutable(file, runner) {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-try-"));
  try {
    copyFileSync(IMAGE, join(folder, "image.bin.gz"));
    const [command, ...args] = [...runner, resolve(file), "inspect", "image.bin.gz"];
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: folder,
      env: { PATH: folder },
      encoding: "utf8",
    });
    if (status !== 0 || stderr !== "" || !stdout.startsWith("image.bin.gz: 10460 events on 2 CPUs"))
      throw new Error(`${file} does not read an image: status ${status}\n${stderr}${stdout}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
