import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

/** The reader page still holds events, and the ring has gone round behind it: no mark says so. */
const READ = ["v7.3-read"];

test.each([...READ, "v7.1-rewind", "v7.3-few"])(
  "%s: --lost shows each place where inspect counts a loss",
  async (name) => {
    const image = `fixtures/dumps/${name}/image.bin.gz`;
    const { cpus } = JSON.parse((await rbtool(["inspect", "--json", image])).stdout) as {
      readonly cpus: readonly { readonly cpu: number; readonly lost: { readonly places: number } }[];
    };
    const { stdout } = await rbtool(["events", "--no-live", "--lost", "--no-header", image]);
    for (const { cpu, lost } of cpus)
      expect([...stdout.matchAll(new RegExp(`^CPU:${cpu} \\[LOST (?:\\d+ )?EVENTS\\]$`, "gm"))].length).toBe(
        lost.places,
      );
    expect(stdout !== "").toBe(READ.includes(name));
  },
);
