import { expect, test } from "@jest/globals";
import { Diagnostics } from "../../src/ground/diagnostics.js";
import { openImage } from "../../src/index.js";
import { summarizeCpu } from "../../src/reading/summary.js";
import { realImages } from "../support/images.js";

for (const real of realImages) {
  test(`${real.name}: the layout is what the machine had`, async () => {
    const image = await openImage(real.bytes());
    expect(image.layout).toMatchObject({ nrCpus: real.info.cpus, totalSize: real.info.bytes });
    expect(image.layout.geometry.subbufSize).toBe(real.info.pagesize);
    expect(image.layout.generation).toBe(/^6\.1[234]\./.test(real.info.kernel) ? "per-cpu" : "global");
    expect(image.diagnostics.list.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test(`${real.name}: head, commit, buffers[] and event counts are what the kernel says`, async () => {
    const image = await openImage(real.bytes());
    for (const cpu of image.cpus) {
      const rewound = real.text("boot.txt").includes(`[${cpu.cpu}] rewound`);
      // Another clock than local is put back at boot, which empties the CPUs that are up by then: the first.
      const clockReset = (image.scratch?.clockId ?? 0) !== 0 && cpu.cpu === 0;
      if (rewound || clockReset) continue;
      const meta = real.text(`cpu${cpu.cpu}.buffer_meta`);
      const number = (name: string) => Number(new RegExp(`^${name}: +(-?\\d+)`, "m").exec(meta)![1]);
      // head_buffer and commit_buffer are printed as ids up to 6.14 and since 6.15 too: rb_meta_subbuf_idx().
      expect(number("nr_subbufs")).toBe(cpu.nrSubbufs);
      const listed = [...meta.matchAll(/^buffer\[(\d+)\]: +(\d+)/gm)].map(([, , index]) => Number(index));
      expect(Array.from(cpu.indexById).slice(0, listed.length)).toEqual(listed);
      expect(cpu.head?.index).toBe(number("head_buffer"));
      expect(cpu.commit?.index).toBe(number("commit_buffer"));
      const entries = Number(/^entries: (\d+)/m.exec(real.text(`cpu${cpu.cpu}.stats`))![1]);
      expect(summarizeCpu(image, cpu, new Diagnostics()).events).toBe(entries);
    }
  });
}
