import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of objects that are in use. */
export function inUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
