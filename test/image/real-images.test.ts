import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { inspect } from "../../src/report/inspect.js";
import { realImages } from "../support/images.js";

/** The number in a line about CPU `cpu` of what the boot printed: pages rewound, pages discarded. */
function told(boot: string, cpu: number, line: (cpu: number) => RegExp): number {
  return Number(line(cpu).exec(boot)?.[1] ?? 0);
}
const rewoundLine = (cpu: number) => new RegExp(`Ring buffer \\[${cpu}\\] rewound (\\d+) pages`);
const discardedLine = (cpu: number) => new RegExp(`Ring buffer meta \\[${cpu}\\].*\\((\\d+) pages discarded\\)`);

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
    const report = inspect(image, { pages: true });
    const boot = real.text("boot.txt");
    expect(image.cpus).toHaveLength(real.info.cpus);
    for (const cpu of image.cpus) {
      const { pages, events } = report.cpus[cpu.cpu]!;
      const eventsOf = (id: number): number => [...pages!].find((page) => page.id === id)!.events;
      const meta = real.text(`cpu${cpu.cpu}.buffer_meta`);
      const number = (name: string) => Number(new RegExp(`^${name}: +(-?\\d+)`, "m").exec(meta)![1]);
      const entries = Number(/^entries: (\d+)/m.exec(real.text(`cpu${cpu.cpu}.stats`))![1]);
      const listed = [...meta.matchAll(/^buffer\[(\d+)\]: +(\d+)/gm)].map(([, , index]) => Number(index));
      const indexes = Array.from(cpu.indexById).slice(0, listed.length);
      expect(number("nr_subbufs")).toBe(cpu.nrSubbufs);
      // Another clock than local is put back at boot, which empties the CPUs that are up by then: the first.
      if ((image.scratch?.clockId ?? 0) !== 0 && cpu.cpu === 0) {
        expect({ cpu: cpu.cpu, entries }).toEqual({ cpu: cpu.cpu, entries: 0 });
        continue;
      }
      const rewound = told(boot, cpu.cpu, rewoundLine);
      if (rewound > 0) {
        // The pages before the head come back, and buffers[] is numbered anew: the oldest is the reader page.
        const back = Array.from({ length: rewound }, (_, i) => cpu.head!.id - 1 - i);
        const ids = back.map((id) => (id >= 1 ? id : id + cpu.nrSubbufs - 1));
        const broughtBack = ids.reduce((sum, id) => sum + eventsOf(id), 0);
        expect({ cpu: cpu.cpu, entries: events + broughtBack }).toEqual({ cpu: cpu.cpu, entries });
        expect(listed.toSorted((a, b) => a - b)).toEqual(indexes.toSorted((a, b) => a - b));
        expect(listed[0]).toBe(cpu.indexById[ids.at(-1)!]);
        expect(number("head_buffer")).toBe(listed[1]);
        expect(cpu.commit?.index).toBe(number("commit_buffer"));
        continue;
      }
      // head_buffer and commit_buffer are printed as ids up to 6.14 and since 6.15 too: rb_meta_subbuf_idx().
      expect(indexes).toEqual(listed);
      expect(cpu.head?.index).toBe(number("head_buffer"));
      expect(cpu.commit?.index).toBe(number("commit_buffer"));
      const discarded = told(boot, cpu.cpu, discardedLine);
      if (discarded === 0) expect({ cpu: cpu.cpu, events }).toEqual({ cpu: cpu.cpu, events: entries });
      // What the kernel threw out, one page after another, is read here.
      else expect(runs(cpu.live.map(eventsOf), discarded)).toContain(events - entries);
    }
  });
}

/** The sums of every `length` numbers in a row. */
function runs(numbers: readonly number[], length: number): number[] {
  return numbers.slice(length - 1).map((_, i) => numbers.slice(i, i + length).reduce((a, b) => a + b));
}
