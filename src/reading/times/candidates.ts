import type { Candidate } from "../subbuf-reading.js";

export function isBlank({ role, evidence, torn }: Candidate): boolean {
  return role === "consumed" && evidence === "empty" && !torn;
}

export function isCandidate({ records, evidence, torn }: Candidate): boolean {
  return (records.events > 0 || torn) && evidence !== "duplicate" && evidence !== "stale";
}
