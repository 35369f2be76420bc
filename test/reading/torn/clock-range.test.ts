import { expect, test } from "@jest/globals";
import { timeBounds } from "../../../src/events/event.js";
import { openTrace } from "../../../src/trace/open.js";
import { fixture } from "../../support/images.js";
import { randomOf } from "../../support/random.js";
import { open, tear } from "./tear.js";

/** An image whose time stamps are where the clock begins, or where its 64 bits end. */
function atAnEnd(seed: number): Uint8Array {
  const random = randomOf(seed);
  const bytes = Uint8Array.from(fixture("v7.3-read").bytes());
  const { layout, cpus } = open(bytes);
  const { subbufSize, nrSubbufs } = layout.geometry;
  const view = new DataView(bytes.buffer);
  const far = random() < 0.5;
  const rest = BigInt(Math.floor(random() * 2 ** Math.floor(random() * 40)));
  for (const { subbufsOffset } of cpus)
    for (let i = 0; i < nrSubbufs; i++) {
      const at = subbufsOffset + i * subbufSize;
      const since = view.getBigUint64(at, true) % 2n ** BigInt(Math.floor(random() * 36));
      view.setBigUint64(at, far ? 2n ** 64n - 1n - since - rest : since + rest, true);
    }
  return bytes;
}

test("no estimate leaves the clock's 64 bits", () => {
  const wrong: unknown[] = [];
  for (let seed = 0; seed < 30; seed++) {
    const model = (["zero", "decay", "wipe"] as const)[seed % 3]!;
    const trace = openTrace(open(tear([atAnEnd(seed)], seed, model, 0.15)), { formats: new Map() });
    let estimates = 0;
    const events = trace.events();
    for (let event = events.next(); event !== undefined; event = events.next()) {
      const bounds = timeBounds(event);
      if (bounds === undefined) continue;
      estimates++;
      const time = event.exactTime();
      // Where nothing has come round, the number is the time, but for what it has no room for.
      const same = Math.abs(event.t + Number(trace.origin.value) - Number(time)) < 2 ** 24;
      if (!same || time < bounds.low || time > bounds.high) wrong.push([seed, time, bounds]);
    }
    if (estimates === 0) wrong.push([seed, "no estimates"]);
  }
  expect(wrong).toEqual([]);
});
