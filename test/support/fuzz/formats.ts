import { latin1 } from "../../../src/ground/latin1.js";
import { abiOf, releases } from "../formats.js";
import { formatFiles, tryFormat } from "../mutations/kinds/formats.js";
import type { Target } from "./target.js";

const release = releases()[0]!;
const abi = abiOf(release);
const RECORD = Uint8Array.from({ length: 160 }, (_, i) => (i * 37) & 0xff);

/** Format files, with a record of any bytes. */
export const target: Target = {
  corpus: () => formatFiles(release).map(({ text }) => Buffer.from(text, "latin1")),
  fuzz: (data) => tryFormat(latin1(data), { abi, release, system: "fuzz" }, [RECORD]),
};
