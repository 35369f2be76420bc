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
