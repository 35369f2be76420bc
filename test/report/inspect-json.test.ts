import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { realImages } from "../support/images.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

test.each(realImages.filter(({ info }) => info.bytes < 8 << 20))(
  "$name: inspect and page print what their schemas say",
  async ({ path, info }) => {
    const image = `${path}/image.bin.gz`;
    const report = await rbtool(["inspect", "--json", "--pages", "--phys", "0x100000", image]);
    expect(report.status).toBe(0);
    expect(schemaOf("inspect")(JSON.parse(report.stdout))).toEqual([]);
    for (const place of ["0:0", "0:1", `${info.cpus - 1}:@1`]) {
      const page = await rbtool(["page", "--json", image, place]);
      expect(page.status).toBe(0);
      expect(schemaOf("page")(JSON.parse(page.stdout))).toEqual([]);
    }
  },
);

test("a sub-buffer of which nothing is believed has damage that no record's code names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-inspect-"));
  try {
    const file = join(folder, "image.bin");
    const bytes = gunzipSync(readFileSync("fixtures/dumps/v7.3-few/image.bin.gz"));
    writeFileSync(file, bytes.fill(0xff, 0x3000, 0x3100));
    const document = JSON.parse((await rbtool(["inspect", "--json", "--pages", file])).stdout);
    expect(document.cpus[0].pages[0].damage).toEqual({ code: null, offset: 0x3010 });
    expect(schemaOf("inspect")(document)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
