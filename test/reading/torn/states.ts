import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DUMPS, FIXTURES, KERNELS } from "../../support/collection.js";

/** States of one real area, oldest first, taken while its writers ran; the last is the moment of the crash. */
export interface States {
  readonly name: string;
  /** The writing kernel's format files, where they are at hand. */
  readonly events: string | undefined;
  readonly states: readonly Uint8Array[];
}

/** The states of the repository, and those of the collection where it is at hand. */
export function allStates(): States[] {
  const folders = new Set([join(FIXTURES, "torn"), join(DUMPS, "../torn")]);
  return [...folders]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => existsSync(join(folder, name, "info.json")))
        .sort()
        .map((name) => read(folder, name)),
    );
}

function read(folder: string, name: string): States {
  const path = join(folder, name);
  const { kernel } = JSON.parse(readFileSync(join(path, "info.json"), "utf8")) as { kernel: string };
  const files = readdirSync(path).filter((file) => file.endsWith(".bin.gz"));
  files.sort();
  const events = join(KERNELS, kernel, "events.tar.gz");
  return {
    name,
    events: existsSync(events) ? events : undefined,
    states: files.map((file) => new Uint8Array(gunzipSync(readFileSync(join(path, file))))),
  };
}
