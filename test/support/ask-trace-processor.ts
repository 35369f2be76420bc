import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where .ci/trace-processor has put Perfetto's own. */
const JUDGE = process.env.RBTOOL_TRACE_PROCESSOR ?? "";
const HAS_JUDGE = existsSync(join(JUDGE, "trace_processor.wasm"));
if (!HAS_JUDGE)
  process.stderr.write(
    "\n*** SKIPPED: no RBTOOL_TRACE_PROCESSOR: exported traces are not queried (.ci/trace-processor) ***\n\n",
  );

export type Row = readonly (string | number | null)[];

/** What the real trace processor answers; undefined where it is not at hand. */
export function askTraceProcessor(file: Buffer, ...sql: readonly string[]): readonly (readonly Row[])[] | undefined {
  if (!HAS_JUDGE) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "rbtool-perfetto-"));
  try {
    const path = join(folder, "trace");
    writeFileSync(path, file);
    const judge = join(import.meta.dirname, "trace-processor.mjs");
    const out = execFileSync(process.execPath, [judge, JUDGE, path, ...sql], { encoding: "utf8", stdio: "pipe" });
    return JSON.parse(out) as Row[][];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
