import type { Evidence } from "../evidence.js";
import type { Candidate } from "../subbuf-reading.js";

export function isEmpty({ evidence, torn }: Candidate): boolean {
  return evidence === "empty" && !torn;
}

export function isBlank(page: Candidate): boolean {
  return page.role === "consumed" && isEmpty(page);
}

export function isCandidate({ records, evidence, torn }: Candidate): boolean {
  return (records.events > 0 || torn) && evidence !== "duplicate" && evidence !== "stale";
}

/** A sub-buffer that looks consumed, and tells by its own time stamp where it stands, whether or not its records can be read. */
export function isDated({ role, anchored, evidence }: Candidate): boolean {
  return role === "consumed" && anchored && DATED.has(evidence);
}

/**
 * It looks consumed and is whole, its commit too: no earlier boot's, as each boot that writes clears all commits first
 * (rb_clear_buffer_page(), kernel/trace/ring_buffer.c).
 */
export function isIntact(page: Candidate): boolean {
  const { role, evidence, repairs } = page;
  return (
    role === "consumed" && isCandidate(page) && evidence === "consumed-intact" && !repairs.includes("cut-at-damage")
  );
}

const DATED: ReadonlySet<Evidence> = new Set(["consumed-intact", "consumed-commit-zeroed", "no-records"]);
