import { expect, test } from "@jest/globals";
import { subbufOffset } from "../../src/image/image.js";
import { eventsText, openImage, openTrace } from "../../src/index.js";
import { realImages } from "../support/images.js";

test.each(realImages)("$name: the place of an event leads to its record in the image", async (real) => {
  const image = await openImage(real.bytes());
  const trace = openTrace(image, { formats: new Map() }, { names: "none" });
  const look = { columns: ["cpu", "place"], noHeader: true, head: 300 } as const;
  let text = "";
  for (const piece of eventsText(trace, look)) text += piece.toString("latin1");
  const told = [...text.matchAll(/^\[(\d+)\] {2}(\d+)\/(\d+)\+0x([0-9a-f]+): /gm)].map(([, cpu, id, index, at]) => ({
    id: Number(id),
    offset: subbufOffset(image.cpus[Number(cpu)]!, Number(index)) + Number.parseInt(at!, 16),
  }));
  // A function graph's line stands for two events: its entry, which is told of, and its return.
  const places = new Set(Array.from(trace.events(), ({ page, offset }) => `${page.id} ${offset}`));
  expect(told.length).toBe(Math.min(300, text.split("\n").length - 1));
  expect(told.filter(({ id, offset }) => !places.has(`${id} ${offset}`))).toEqual([]);
});
