import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions.js";
import { Mapping } from "../../src/user/mapping.js";
import { stateAsIs } from "../../src/user/state.js";
import { Dump, dumpNames } from "../support/images.js";

/**
 * The writing boot's own mapping, made after tracing was stopped and before the memory was saved: the sub-buffers are
 * the image's. Of the meta page, the counters lie outside the area; sizes, flags and the reader's id do not.
 */
test("--as-is: the writing boot's own mapping of the same bytes", async () => {
  let equal = 0;
  let total = 0;
  const wrong: string[] = [];
  const check = (ok: boolean, what: string): void => {
    total++;
    if (ok) equal++;
    else wrong.push(what);
  };
  for (const name of dumpNames()) {
    const dump = new Dump(name);
    if (!dump.has("before.cpu0.map0.bin.gz")) continue;
    const image = await openImage(dump.bytes("image.bin.gz"));
    for (const { cpu, buffer } of stateAsIs(image, kernelBehaviour(dump.info.kernel)).cpus) {
      const where = `${name} CPU ${cpu}`;
      if (!buffer || !dump.has(`before.cpu${cpu}.map0.bin.gz`)) {
        check(buffer !== null, `${where}: no buffer`);
        continue;
      }
      const mapping = new Mapping(buffer, kernelBehaviour(dump.info.kernel));
      const real = dump.bytes(`before.cpu${cpu}.map0.bin.gz`);
      const ours = mapping.bytes();
      check(Buffer.compare(real.subarray(mapping.metaPageSize), ours.subarray(mapping.metaPageSize)) === 0, where);
      const fields = Object.fromEntries(
        dump
          .text(`before.cpu${cpu}.mmap0.txt`)
          .trim()
          .split("\n")[0]!
          .split(" ")
          .map((pair) => pair.split("=") as [string, string]),
      );
      check(fields.id === mapping.meta["reader.id"].toString(), `${where} reader.id: real ${fields.id}`);
      check(fields.nr_subbufs === mapping.meta.nr_subbufs.toString(), `${where} nr_subbufs`);
      // What is unread now, the real counters say in three numbers.
      const unread = Number(fields.entries) - Number(fields.overrun) - Number(fields.nread);
      const consumedHere = Number(fields.nread) > 0 && Number(fields.read) > 0;
      if (!consumedHere)
        check(unread === buffer.numOfEntries(), `${where} unread: real ${unread}, ours ${buffer.numOfEntries()}`);
    }
  }
  console.log(`--as-is against the writing boot's mapping: ${equal}/${total} equal\n  ${wrong.join("\n  ")}`);
  expect(total).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});
