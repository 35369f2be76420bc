import type { LineMarks } from "../../text/header.js";

/** Explains the marks that occur; empty where none does. */
export function marksLegend({ estimates, doubts, order }: LineMarks): string {
  return [
    ...(estimates ? ["# ~ before a time: an estimate; the true one lies within the timeBounds that JSON has\n"] : []),
    ...(doubts ? ["# ? before an event: it may hold bytes of another moment; `sure` leaves it out\n"] : []),
    ...(order
      ? ["# ? before an event: the modules' load order is in doubt, so it may be another event; `sure` leaves it out\n"]
      : []),
    ...(estimates || doubts || order ? ["#\n"] : []),
  ].join("");
}
