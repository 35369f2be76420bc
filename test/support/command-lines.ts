import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS } from "../../src/commands/index.js";

export const IMAGE = "fixtures/dumps/v7.3-few/image.bin.gz";
export const FORMATS = "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz";

/** What a command needs where it is not an image alone. */
function wordsOf(name: string, folder: string): readonly string[] {
  const written = join(folder, "written");
  switch (name) {
    case "page":
      return [IMAGE, "0:1"];
    case "recover":
      return ["--salvage", "--force", "-o", written, IMAGE];
    case "export":
      return ["--to", "csv", "--events", FORMATS, "--force", "-o", written, IMAGE];
    case "report":
      return ["--no-live", "--force", "-o", written, IMAGE];
    case "system":
    case "formats":
      return [FORMATS];
    case "sql":
      return ["--no-live", IMAGE, "select count(*) from events"];
    case "explain":
      return ["reader-page"];
    case "completion":
      return ["bash"];
    case "man":
      return ["inspect"];
    case "collect-script":
      return [];
    case "events":
    case "stats":
    case "last":
    case "timeline":
    case "latency":
      return ["--no-live", IMAGE];
    default:
      return [IMAGE];
  }
}

/** A command line of every command there is, so that a new one cannot be forgotten. @param folder for what they write */
export function commandLines(folder: string): readonly (readonly [name: string, words: readonly string[]])[] {
  return COMMANDS.map(({ name }) => [name, [name, ...wordsOf(name, folder)]]);
}

/** A folder for what a test writes. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "rbtool-test-"));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}
