import { MAX_DIAGNOSTICS_PER_CODE } from "./limits.js";

export type Severity = "error" | "warning" | "info";

/**
 * Everything that can be wrong with, or odd about, an image. A closed list: scripts match on these.
 * docs/diagnostics.md shows an example of each.
 */
export const DIAGNOSTIC_CODES = {
  "input-incomplete": "warning",
  "boot-meta-magic": "error",
  "boot-meta-struct-sizes": "error",
  "boot-meta-total-size": "error",
  "boot-meta-buffers-offset": "error",
  "image-truncated": "error",
  "scratch-clock": "warning",
  "scratch-entries": "warning",
  "cpu-meta-magic": "error",
  "cpu-meta-struct-size": "error",
  "cpu-meta-truncated": "error",
  "cpu-meta-subbuf-size": "error",
  "cpu-meta-nr-subbufs": "error",
  "buffers-out-of-range": "error",
  "buffers-duplicate": "error",
  "first-buffer-mismatch": "error",
  "head-out-of-range": "error",
  "commit-out-of-range": "error",
  "buffers-inferred": "warning",
  "live-inferred": "warning",
  "subbuf-truncated": "error",
  "subbuf-commit": "error",
  "subbuf-missed-events": "info",
  "subbuf-time-order": "warning",
  "record-bad-length": "error",
  "record-truncated": "error",
  "record-time-backwards": "warning",
} as const satisfies Record<string, Severity>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** One finding. `offset` is where in the image the offending bytes lie; the message ends in it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly cpu?: number;
  /** Physical index of the sub-buffer. */
  readonly subbuf?: number;
  readonly offset: number;
  readonly message: string;
}

export interface DiagnosticPlace {
  readonly cpu?: number;
  readonly subbuf?: number;
}

/** Collects findings beside the results. Repeats of a code beyond a bound are counted, not kept. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];
  private readonly counts = new Map<DiagnosticCode, number>();

  add(code: DiagnosticCode, offset: number, message: string, place: DiagnosticPlace = {}): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count > MAX_DIAGNOSTICS_PER_CODE) return;
    this.list.push({
      code,
      severity: DIAGNOSTIC_CODES[code],
      ...place,
      offset,
      message: `${message} (at offset 0x${offset.toString(16)})`,
    });
  }

  /** Findings of each code that were counted but not kept. */
  omitted(): { code: DiagnosticCode; count: number }[] {
    return [...this.counts]
      .filter(([, count]) => count > MAX_DIAGNOSTICS_PER_CODE)
      .map(([code, count]) => ({ code, count: count - MAX_DIAGNOSTICS_PER_CODE }));
  }
}
