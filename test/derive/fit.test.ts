import { expect, test } from "@jest/globals";
import { fitOf } from "../../src/derive/fit.js";
import type { EventStream } from "../../src/events/stream.js";
import type { EventFormat } from "../../src/system/formats/parse-format.js";

/** As much of a stream as the count looks at. */
function streamOf(...records: { readonly type: number; readonly dataSize: number }[]): EventStream {
  return { next: () => records.shift() } as unknown as EventStream;
}

test("a record fits that ends with its format's last field; a shorter one does not", () => {
  const format = { fields: [{ offset: 8, size: 4 }] } as unknown as EventFormat;
  const events = streamOf({ type: 300, dataSize: 12 }, { type: 300, dataSize: 11 }, { type: 301, dataSize: 12 });
  expect(fitOf(events, new Map([[300, format]]), () => false)).toEqual({
    records: 3,
    fitting: 1,
    short: new Map([[300, 1]]),
    unknown: new Map([[301, 1]]),
  });
});
