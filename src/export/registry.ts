import { UsageError } from "../ground/errors.js";
import { nearest } from "../ground/nearest.js";
import type { ExportFormat } from "./format.js";
import type { PartsOf } from "./parts.js";

/** Every format, a file each. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: "trace.dat",
    extension: "dat",
    about: "trace-cmd and KernelShark",
    needs: "formats",
    load: async () => (await import("./trace-dat/write.js")).writeV7,
  },
  {
    name: "trace.dat-v6",
    extension: "v6.dat",
    about: "the same for trace-cmd before 3.0",
    needs: "formats",
    load: async () => (await import("./trace-dat/write.js")).writeV6,
  },
  {
    name: "perfetto",
    extension: "perfetto-trace",
    about: "ui.perfetto.dev and trace_processor",
    needs: "nothing",
    ...inParts(async () => (await import("./perfetto/write.js")).perfettoParts),
  },
  {
    name: "chrome",
    extension: "json",
    about: "Chrome's JSON: CPUs, interrupts, system calls and functions as spans, the rest as instants",
    text: true,
    needs: "nothing",
    load: async () => (await import("./chrome.js")).writeChrome,
  },
  {
    name: "speedscope",
    extension: "speedscope.json",
    about: "speedscope.app: functions, system calls, tasks on CPUs, stacks",
    text: true,
    needs: "nothing",
    load: async () => (await import("./speedscope.js")).writeSpeedscope,
  },
  {
    name: "collapsed",
    extension: "collapsed",
    about: "one stack per line, for flamegraph.pl and the like",
    text: true,
    needs: "nothing",
    load: async () => (await import("./collapsed.js")).writeCollapsed,
  },
  {
    name: "firefox",
    extension: "firefox.json",
    about: "profiler.firefox.com: the same as markers",
    text: true,
    needs: "nothing",
    load: async () => (await import("./firefox.js")).writeFirefox,
  },
  {
    name: "csv",
    extension: "csv",
    about: "one row per event, for spreadsheets and databases",
    text: true,
    needs: "nothing",
    ...inParts(async () => (await import("./csv.js")).csvParts),
  },
  {
    name: "ndjson",
    extension: "ndjson",
    about: "one JSON object per event, each on its own line",
    text: true,
    needs: "nothing",
    ...inParts(async () => {
      const { jsonParts } = await import("./ndjson/stream.js");
      return (trace) => jsonParts(trace, { lines: true });
    }),
  },
  {
    name: "parquet",
    extension: "parquet",
    about: "a table with typed columns, for DuckDB, Spark, Trino, pandas",
    needs: "nothing",
    ...inParts(async () => (await import("./parquet.js")).parquetParts),
  },
  {
    name: "arrow",
    extension: "arrows",
    about: "the same table as an Arrow stream",
    needs: "nothing",
    ...inParts(async () => (await import("./arrow.js")).arrowParts),
  },
  {
    name: "text",
    extension: "txt",
    about: "as the kernel's trace file shows it",
    text: true,
    needs: "nothing",
    ...inParts(async () => {
      const { textParts } = await import("./text/stream.js");
      return (trace) => textParts(trace);
    }),
  },
];

function inParts(parts: () => Promise<PartsOf>): Pick<ExportFormat, "load" | "parts"> {
  return { parts, load: async () => (await import("./parts.js")).writeParts(await parts()) };
}

/** Throws UsageError for a name that is none. */
export function exportFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.name === name);
  if (format !== undefined) return format;
  const names = EXPORT_FORMATS.map((each) => each.name);
  const near = nearest(name, names);
  const meant = near === undefined ? "" : ` (did you mean ${near}?)`;
  throw new UsageError(`no format ${name}${meant}; there are ${names.join(", ")}`, "to");
}
