import type { Diagnostic, DiagnosticCode } from "../ground/diagnostics.js";
import { safeText } from "../ground/safe-text.js";
import type { Paper } from "./paper.js";
import { onPaper } from "./wrap.js";

/** Findings, one a line: severity, code, where, what. Nothing when there are none. */
export function renderDiagnostics(
  list: readonly Diagnostic[],
  omitted: readonly { readonly code: DiagnosticCode; readonly count: number }[],
  paper: Paper,
): string {
  if (list.length === 0) return "";
  const lines = list.map(({ code, severity, cpu, subbuf, message }) => {
    const place = cpu === undefined ? "" : `CPU ${cpu}${subbuf === undefined ? "" : ` @${subbuf}`}: `;
    const paint =
      severity === "error" ? paper.style.error : severity === "warning" ? paper.style.warning : paper.style.faint;
    return onPaper(`${paint(severity.padEnd(7))} ${code}: ${place}${safeText(message)}`, paper, "        ");
  });
  for (const { code, count } of omitted) lines.push(paper.style.faint(`        ${code}: and ${count} more`));
  return `\n${lines.join("\n")}\n`;
}
