import { parentPort, workerData } from "node:worker_threads";
import { realImages } from "../images.js";
import { Dice } from "./dice.js";
import { KINDS } from "./kinds.js";

/** What a slice is told. */
interface Slice {
  readonly kind: string;
  readonly from: number;
  readonly count: number;
  /** When to end in any case (Date.now()). */
  readonly until: number;
  /** The seed that is being tried, for whoever watches. */
  readonly beat: Int32Array;
}

const { kind: name, from, count, until, beat } = workerData as Slice;
const attempt = await KINDS.find((kind) => kind.name === name)!.prepare(realImages);
parentPort!.postMessage({ ready: true });
let seed = from;
for (; seed < from + count && Date.now() < until; seed++) {
  beat[0] = seed;
  try {
    await attempt(new Dice(seed));
  } catch (error) {
    parentPort!.postMessage({ seed, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
parentPort!.postMessage({ next: seed });
