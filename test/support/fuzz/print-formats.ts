import { latin1 } from "../../../src/ground/latin1.js";
import { abiOf, type Field, formatText, releases } from "../formats.js";
import { formatFiles, tryFormat } from "../mutations/kinds/formats.js";
import type { Target } from "./target.js";

const release = releases()[0]!;
const abi = abiOf(release);
const FIELDS: readonly Field[] = [
  ["u64 x", 8, 8, 0],
  ["int i", 16, 4, 1],
  ["__data_loc char[] name", 20, 4, 1],
  ["u8 addr[16]", 24, 16, 0],
];
const RECORD = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 0xff);

/** The print format of an event whose fields are given. */
export const target: Target = {
  corpus: () =>
    formatFiles(release).map(({ text }) => Buffer.from(text.slice(text.indexOf("print fmt: ") + 11), "latin1")),
  fuzz: (data) => tryFormat(formatText(FIELDS, latin1(data)), { abi, release, system: "fuzz" }, [RECORD]),
};
