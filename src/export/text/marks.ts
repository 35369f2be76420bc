import type { LineMarks } from "../../text/header.js";

/** Explains the marks that occur; empty where none does. */
export function marksLegend({ estimates, doubts }: LineMarks): string {
  return [
    ...(estimates ? ["# ~ before a time: an estimate; the true one lies within the timeBounds that JSON has\n"] : []),
    ...(doubts ? ["# ? before an event: it may hold bytes of another moment; `sure` leaves it out\n"] : []),
    ...(estimates || doubts ? ["#\n"] : []),
  ].join("");
}
