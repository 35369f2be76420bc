import { expect, test } from "@jest/globals";
import { Explainer } from "../../../src/reading/resync/explain.js";
import { Knowledge } from "../../../src/reading/resync/knowledge.js";
import { realImages } from "../../support/images.js";
import { open, unread } from "./tear.js";

test.each(realImages.map((dump) => [dump.name, dump] as const))("%s: a sound page is one run, as it is", (_, dump) => {
  const bytes = dump.bytes();
  const image = open(bytes);
  const { littleEndian } = image.layout.abi;
  const { headerSize, capacity, subbufSize } = image.subbufs;
  const pages = unread(image).map((cpu) =>
    cpu.map(({ offset }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset, subbufSize);
      const size = view.getUint32(littleEndian || headerSize === 12 ? 8 : 12, littleEndian) & 0x3fffffff;
      return { view, size, time: view.getBigUint64(0, littleEndian) };
    }),
  );
  const knowledge = new Knowledge();
  for (const { view, size } of pages.flat())
    knowledge.learn(view, littleEndian, headerSize, headerSize + Math.min(size, capacity));
  const explainer = new Explainer(knowledge, littleEndian);
  for (const cpu of pages)
    cpu.forEach(({ view, size, time }, k) => {
      const high = cpu[k + 1]?.time;
      // A page that the firmware wrote over, or the last one's neighbour.
      if (size === 0 || size > capacity || (high !== undefined && high < time)) return;
      const { origin, runs } = explainer.explain({
        view,
        start: headerSize,
        end: subbufSize,
        committed: size,
        time,
        unconfirmed: true,
        low: undefined,
        high,
      });
      expect(origin).toBe(time);
      expect(runs.map(({ start, end, exact, before, doubts }) => ({ start, end, exact, before, doubts }))).toEqual([
        { start: headerSize, end: headerSize + size, exact: true, before: 0, doubts: [] },
      ]);
    });
});
