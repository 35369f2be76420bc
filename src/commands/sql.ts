import { rmSync } from "node:fs";
import { join } from "node:path";
import { exportFormat } from "../export/registry.js";
import { OutputError, UsageError } from "../ground/errors.js";
import { noRoom, temporaryFolder } from "../input/temporary.js";
import { renderSql } from "../render/sql.js";
import { sqlReport } from "../report/sql.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { chosenCpus, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { queryTable, type Table } from "./duckdb.js";
import { Watch } from "./jobs/seen.js";
import { openImageArgument } from "./open-image.js";
import { beforeSignals, OutputFile } from "./output-file.js";
import { parquetFiles } from "./parquet-files.js";
import { CHOICE_OPTIONS, type ChoiceOptions, choiceSpec } from "./trace-choice.js";
import { tellOfTrace } from "./trace-notes.js";

type SqlOptions = CommonOptions & ImageCommandOptions & ContextOptions & ChoiceOptions;

export const spec: CommandSpec<SqlOptions> = {
  description:
    "Queries events with SQL. There is one table, `events`: of one image, or of all the images in a data set (`rbtool export " +
    "--to parquet --dataset`); docs/export.md lists its columns. DuckDB runs the query and is a package of its own: " +
    "`npm install @duckdb/node-api`.",
  arguments: [
    { name: "<path>", about: "an image, a folder of parquet files, or one such file", completes: "file" },
    { name: "<query>", about: "SQL, in quotes", completes: "nothing" },
  ],
  options: [...CHOICE_OPTIONS, ...CONTEXT_OPTIONS, IMAGE_OPTIONS],
  examples: [
    ["rbtool sql --system build.tar.gz dump.bin 'select comm, count(*) from events group by 1'", "of one image"],
    ["rbtool sql table 'select host, count(*) from events group by 1'", "of a data set"],
  ],
  async run([path, query], options, context) {
    if (isEmpty(query!)) throw new UsageError("the query is empty");
    const files = parquetFiles(path!);
    const table = files ? await queryTable(files, query!) : await queryImage(path!, query!, options, context);
    await writeReport(context, options, sqlReport(table), (paper) => [renderSql(sqlReport(table), paper)]);
  },
};

/** Nothing beside spaces, semicolons and comments. */
const isEmpty = (sql: string): boolean => /^[\s;]*$/.test(sql.replace(/--.*$/gm, "").replace(/\/\*.*?\*\//gs, ""));

async function queryImage(path: string, query: string, options: SqlOptions, context: CommandContext): Promise<Table> {
  const image = await openImageArgument(path, options, context);
  chosenCpus(image, options.cpu);
  const loaded = await loadContext(image, options, context.io);
  const watch = new Watch(loaded.formats.problems);
  const trace = openTrace(image, writingKernel(loaded), choiceSpec(options));
  const write = await exportFormat("parquet").load();
  const folder = temporaryFolder("rbtool-sql-");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const release = beforeSignals(remove);
  try {
    const parquet = join(folder, "events.parquet");
    await writeTemporary(parquet, (file) => write(trace, file, {}));
    const table = await queryTable({ names: [parquet], partitioned: false }, query);
    tellOfTrace(context.io, trace, watch.news(trace));
    return table;
  } finally {
    remove();
    release();
  }
}

async function writeTemporary(path: string, write: (file: OutputFile) => Promise<unknown>): Promise<void> {
  try {
    const file = await OutputFile.create(path);
    await write(file);
    await file.close();
    file.takeName();
  } catch (error) {
    throw error instanceof OutputError ? noRoom(error.cause) : error;
  }
}
