import { expect, test } from "@jest/globals";
import { eventsJson } from "../../src/export/ndjson/stream.js";
import { safeByteLines } from "../../src/ground/safe-text.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { stats } from "../../src/report/stats.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { GRAPH_DEFAULTS } from "../../src/text/graph-options.js";
import { KernelLine } from "../../src/text/line.js";
import { rawBody } from "../../src/text/raw.js";
import { TRACE_OPTION_DEFAULTS } from "../../src/text/trace-options.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { dumpContext, openDump, textDumps } from "../support/kernel-text.js";
import { traceText } from "../support/trace-text.js";

/** Numbers that are the same at every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const VIEWS: readonly TraceSpec[] = [
  {},
  { traceOptions: { ...TRACE_OPTION_DEFAULTS, fields: true } },
  { graph: GRAPH_DEFAULTS },
  { asKernel: { release: "7.3.4" } },
];

const CHOSEN = /^(v7\.3-read|v7\.3-all|v7\.3-graph|v7\.3-stack|armhf-7\.2-sched|s390x-7\.2-sched)$/;
for (const dump of textDumps.filter(({ name }) => CHOSEN.test(name))) {
  test(`${dump.name}: damage anywhere neither crashes nor hangs any view`, () => {
    const whole = openDump(dump);
    const context = writingKernel(dumpContext(dump));
    const original = whole.source.read(0, whole.source.size);
    const next = random(dump.name.length);
    const start = whole.layout.geometry.buffersOffset + 4096;
    for (let round = 0; round < 8; round++) {
      const bytes = Uint8Array.from(original);
      // Damage in events only: what damage does to the headers is tested where they are read.
      for (let i = 0; i < 400; i++) bytes[start + next(bytes.length - start)] = round % 3 === 0 ? 0xff : next(256);
      const image = readImage(new MemorySource(bytes));
      const view = openTrace(image, context, VIEWS[round % VIEWS.length]);
      const line = new KernelLine(view);
      const text = traceText({
        events: view.events(),
        text: view.text,
        before: (event, out) => line.before(event, out),
        lost: true,
        asGraph: round % VIEWS.length === 2,
        cut: round % VIEWS.length === 3,
        clean: safeByteLines,
      });
      expect(/[\x00-\x08\x0b-\x1f\x7f]/.test(text)).toBe(false);
      expect(text.length).toBeLessThan(64 * 1024 * 1024);
      if (round % 4 !== 0) continue;
      let json = "";
      for (const chunk of eventsJson(view, { lines: true })) json += chunk.toString("latin1");
      for (const each of Buffer.from(json, "latin1").toString("utf8").trimEnd().split("\n")) JSON.parse(each);
      const raw = rawBody(view);
      let count = 0;
      for (const event of view.events()) {
        expect(raw(event, event.type).endsWith("\n")).toBe(true);
        count++;
      }
      expect(stats(view).total).toBe(count);
      expect(json.split("\n").length - 1).toBe(count);
    }
  });
}
