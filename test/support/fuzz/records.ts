import { Bytes } from "../../../src/ground/bytes.js";
import { compileFormat } from "../../../src/print/compile.js";
import { parseFormat } from "../../../src/system/formats/parse-format.js";
import { abiOf, releases } from "../formats.js";
import { formatFiles, tryPrinting } from "../mutations/kinds/formats.js";
import type { Target } from "./target.js";

const release = releases()[0]!;
const abi = abiOf(release);
const events = formatFiles(release).map(({ text, system }) =>
  compileFormat(parseFormat(text, abi, system), { abi, release }),
);

/** Records: the first two bytes say of which event. */
export const target: Target = {
  corpus: () => events.map((_, i) => Uint8Array.from({ length: 66 }, (_zero, at) => [i & 0xff, i >> 8][at] ?? 0)),
  fuzz: (data) => {
    if (data.length < 10) return;
    const event = events[(data[0]! | (data[1]! << 8)) % events.length]!;
    tryPrinting(event, new Bytes(data.subarray(2), abi));
  },
};
