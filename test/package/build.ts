import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

const SOURCES = [
  ...[
    "bin",
    "schemas",
    "scripts",
    "src",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "package.json",
    "package-lock.json",
  ],
  ...["tsconfig.json", "tsconfig.build.json", "fixtures/dumps/v7.3-read/image.bin.gz"],
  "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz",
];

/** A folder with what the package is built of, so that a build disturbs no other test. */
export function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-checkout-"));
  for (const name of SOURCES) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

export function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
}
