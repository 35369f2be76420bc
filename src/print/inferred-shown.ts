import type { PrintEnv } from "./env.js";

/** Who knows which addresses lie in memory whose place is inferred. */
interface Doubting {
  ofAddress(hi: number, lo: number): boolean;
}

/** Counts names and texts that are printed from memory whose place is inferred. */
export class InferredShown {
  count = 0;

  constructor(private readonly doubts: Doubting | undefined) {}

  /** The same environment, counted. */
  counted(env: PrintEnv): PrintEnv {
    const { doubts } = this;
    if (doubts === undefined) return env;
    const see = (hi: number, lo: number): void => {
      if (doubts.ofAddress(hi, lo)) this.count++;
    };
    const { symbol, writeSymbol, string } = env;
    return {
      ...env,
      symbol: (hi, lo, style) => {
        see(hi, lo);
        return symbol(hi, lo, style);
      },
      ...(writeSymbol === undefined
        ? {}
        : {
            writeSymbol: (out, hi, lo, style) => {
              see(hi, lo);
              writeSymbol(out, hi, lo, style);
            },
          }),
      string: (hi, lo) => {
        const text = string(hi, lo);
        if (text !== undefined) see(hi, lo);
        return text;
      },
    };
  }
}
