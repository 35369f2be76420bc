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
  "image-holes": "error",
  "image-translated": "error",
  "layout-guessed": "error",
  "layout-contradicted": "error",
  "scratch-clock": "warning",
  "scratch-entries": "warning",
  "cpu-meta-magic": "error",
  "cpu-meta-struct-size": "error",
  "cpu-meta-subbuf-size": "error",
  "cpu-meta-nr-subbufs": "error",
  "buffers-out-of-range": "error",
  "buffers-duplicate": "error",
  "first-buffer-mismatch": "error",
  "head-out-of-range": "error",
  "commit-out-of-range": "error",
  "buffers-inferred": "warning",
  "live-inferred": "warning",
  "subbuf-commit": "error",
  "subbuf-empty": "error",
  "subbuf-unreadable": "error",
  "subbuf-torn": "error",
  "subbuf-duplicate": "error",
  "subbuf-older-lap": "error",
  "subbuf-time": "error",
  "subbuf-order": "error",
  "subbuf-missed-events": "info",
  "record-bad-length": "error",
  "record-truncated": "error",
  "record-no-event": "error",
  "record-time-backwards": "error",
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

/** What was found, as a value. */
export interface Findings {
  readonly list: readonly Diagnostic[];
  /** Findings of each code that were counted but not kept. */
  readonly omitted: readonly { readonly code: DiagnosticCode; readonly count: number }[];
}

/** Collects findings beside the results. Repeats of a code beyond a bound are counted, not kept. */
export class Diagnostics {
  private readonly list: Diagnostic[] = [];
  private readonly counts = new Map<DiagnosticCode, number>();

  /** @param before findings that come before those collected here */
  constructor(before?: Findings) {
    for (const finding of before?.list ?? []) this.keep(finding);
    for (const { code, count } of before?.omitted ?? []) this.counts.set(code, this.countOf(code) + count);
  }

  add(code: DiagnosticCode, offset: number, message: string, place: DiagnosticPlace = {}): void {
    if (this.countOf(code) >= MAX_DIAGNOSTICS_PER_CODE) {
      this.counts.set(code, this.countOf(code) + 1);
      return;
    }
    this.keep({
      code,
      severity: DIAGNOSTIC_CODES[code],
      ...place,
      offset,
      message: `${message} (at offset 0x${offset.toString(16)})`,
    });
  }

  private keep(finding: Diagnostic): void {
    this.counts.set(finding.code, this.countOf(finding.code) + 1);
    this.list.push(finding);
  }

  private countOf(code: DiagnosticCode): number {
    return this.counts.get(code) ?? 0;
  }

  /** What was collected so far; it does not change when more is. */
  findings(): Findings {
    const omitted = [...this.counts]
      .filter(([, count]) => count > MAX_DIAGNOSTICS_PER_CODE)
      .map(([code, count]) => ({ code, count: count - MAX_DIAGNOSTICS_PER_CODE }));
    return Object.freeze({ list: Object.freeze([...this.list]), omitted: Object.freeze(omitted) });
  }
}
