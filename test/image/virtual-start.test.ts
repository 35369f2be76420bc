import { describe, expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { Dump } from "../support/images.js";
import { type Change, haveOracle, oracleCases, patched } from "../support/oracle.js";

/** Whether a patch changes any of these bytes. */
function touches(patch: readonly Change[], offset: number, length: number): boolean {
  return patch.some(({ at, hex, length: filled }) => {
    const end = at + (hex === undefined ? filled! : hex.length / 2);
    return at < offset + length && offset < end;
  });
}

(haveOracle ? describe : describe.skip)("where a damaged area lay", () => {
  for (const oracle of oracleCases()) {
    test(`${oracle.name}: as before the damage, and no sound CPU is accused`, async () => {
      const bytes = new Dump(oracle.base).bytes("image.bin.gz");
      const sound = await openImage(bytes);
      const damaged = await openImage(patched(bytes, oracle.patch));
      expect(damaged.virtualStart).toBe(sound.virtualStart);
      const hit = sound.cpus
        .filter(({ meta }) => {
          const { offset, length } = meta!.spans.first_buffer;
          return touches(oracle.patch, offset, length);
        })
        .map(({ cpu }) => cpu);
      const accused = damaged.diagnostics.list
        .filter(({ code }) => code === "first-buffer-mismatch")
        .map(({ cpu }) => cpu);
      expect(accused).toEqual(hit);
    });
  }
});
