import { LE64, payload } from "./made-events.js";

/** TRACE_GRAPH_RET and TRACE_GRAPH_ENT of 7.3. */
const [EXIT, ENTRY] = [10, 11];

/** A function is entered, by task 1. */
export const entry = (func: number, depth: number): Uint8Array =>
  payload(LE64, ENTRY, 1, [
    [8, func],
    [8, depth],
  ]);

/** It is left, at time 0. */
export const exit = (func: number, depth: number): Uint8Array =>
  payload(LE64, EXIT, 1, [
    [8, func],
    [4, depth],
    [4, 0],
    [8, 0],
    [8, 0],
  ]);
