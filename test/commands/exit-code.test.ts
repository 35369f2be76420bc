import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { groupsOf } from "../../src/spec/spec.js";
import { Dump } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-exit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sound = join(folder, "sound.bin");
const damaged = join(folder, "damaged.bin");
const bytes = new Dump("v7.3-few").bytes();
writeFileSync(sound, bytes);
// The magic number: nothing is lost, and something is damaged.
writeFileSync(
  damaged,
  bytes.map((byte, at) => (at === 0 ? byte ^ 0xff : byte)),
);

const WORDS: Readonly<Record<string, (image: string) => string[]>> = {
  page: (image) => [image, "0:1"],
  recover: (image) => ["--salvage", "--force", "-o", join(folder, "out"), image],
  export: (image) => ["--to", "csv", "--no-live", "--force", "-o", join(folder, "out"), image],
  report: (image) => ["--no-live", "--force", "-o", join(folder, "out"), image],
  sql: (image) => ["--no-live", image, "select count(*) from events"],
  check: (image) => ["-k", "7.3", image],
  formats: (image) => ["--image", image, "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz"],
};
/** It says what differs, which is what it is asked. */
const OTHERWISE = ["diff"];

for (const entry of COMMANDS)
  test(`--exit-code of ${entry.name}, if it opens an image, is of the image's damage`, async () => {
    const spec = await entry.load();
    const options = groupsOf(spec).flatMap((group) => group.options);
    const has = options.some(({ flags }) => flags === "--exit-code");
    const opens = options.some(({ flags }) => flags.startsWith("--writer-cpus "));
    expect(has).toBe(opens);
    if (!has || OTHERWISE.includes(entry.name)) return;
    const words = WORDS[entry.name] ?? ((image: string) => [image]);
    const run = (image: string, ...more: string[]) => rbtool([entry.name, ...more, ...words(image)]);
    expect(await run(sound, "--exit-code")).toMatchObject({ status: 0 });
    expect(await run(damaged, "--exit-code")).toMatchObject({ status: 1 });
    if (entry.name !== "check") expect(await run(damaged)).toMatchObject({ status: 0 });
  });
