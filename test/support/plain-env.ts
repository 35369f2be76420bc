import { hexAddress, type PrintEnv, unknownPointer } from "../../src/print/env.js";

/** An environment that knows nothing: addresses in hex, everywhere. */
export function plainEnv(longSize: 4 | 8): PrintEnv {
  return {
    symbol: (hi, lo) => `0x${hi ? hi.toString(16) + lo.toString(16).padStart(8, "0") : lo.toString(16)}`,
    pointer: (hi, lo, known) => (known ? hexAddress(hi, lo, longSize) : unknownPointer(longSize)),
    string: () => undefined,
  };
}
