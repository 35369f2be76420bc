import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Dump, dumpNames } from "../support/images.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

interface Document {
  readonly cpus: readonly { readonly cpu: number; readonly buffer_meta: string; readonly stats: string }[];
}

/** The kernel's clock at the time of reading is in no image. */
const withoutNow = (text: string): string => text.replace(/^now ts:.*/m, "now ts: <...>");

test.each(dumpNames())("inspect --as-kernel %s: the kernel's own files, byte for byte", async (name) => {
  const dump = new Dump(name);
  const image = join(dump.path, "image.bin.gz");
  const { stdout, status } = await rbtool(["inspect", "--as-kernel", "-k", dump.info.kernel, "--json", image]);
  expect(status).toBe(0);
  const document = JSON.parse(stdout) as Document;
  expect(schemaOf("inspect")(document)).toEqual([]);
  expect(document.cpus.map(({ cpu }) => cpu)).toEqual(Array.from({ length: dump.info.cpus }, (_, cpu) => cpu));
  for (const { cpu, buffer_meta, stats } of document.cpus) {
    expect(buffer_meta).toBe(dump.text(`cpu${cpu}.buffer_meta`));
    expect(stats).toBe(withoutNow(dump.text(`cpu${cpu}.stats`)));
  }
});

test("as text each file stands under its name, as `tail -n +1` shows several", async () => {
  const dump = new Dump("v7.3-few");
  const { stdout, stderr } = await rbtool(["inspect", "--as-kernel", "--cpu", "1", join(dump.path, "image.bin.gz")]);
  expect(stdout).toBe(
    `==> per_cpu/cpu1/buffer_meta <==\n${dump.text("cpu1.buffer_meta")}\n` +
      `==> per_cpu/cpu1/stats <==\n${withoutNow(dump.text("cpu1.stats"))}`,
  );
  expect(stderr).toMatch(/as kernel 7\.3: /);
});

test("options that only one of the two views has are refused with the other", async () => {
  const image = join(new Dump("v7.3-few").path, "image.bin.gz");
  for (const options of [
    ["-k", "7.3"],
    ["--as-kernel", "--pages"],
    ["--as-kernel", "--phys", "0x1000"],
    ["--boot-cpus", "4"],
    ["--no-inject"],
  ])
    expect((await rbtool(["inspect", ...options, image])).status).toBe(2);
});
