import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { InputError } from "../ground/errors.js";
import { brokenParquet, type ParquetFiles } from "./parquet-files.js";

const PACKAGE = "@duckdb/node-api";

/** What of DuckDB's package is used. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string, options?: Record<string, string>): Promise<Instance> };
}
interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<Answer>;
  closeSync(): void;
}
interface Answer {
  columnNames(): string[];
  columnTypes(): { toString(): string }[];
  getRowsJson(): unknown[][];
}

/** What a query answered. */
export interface Table {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** As JSON has them: numbers of more than 32 bits are strings. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Queries the table that files are. Throws InputError where one cannot be read; of the SQL DuckDB says what is wrong. */
export async function queryTable(files: ParquetFiles, sql: string): Promise<Table> {
  const { DuckDBInstance } = loadDuckDb();
  // It asks no network for what it lacks.
  const quiet = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
  const instance = await DuckDBInstance.create(":memory:", quiet);
  try {
    const connection = await instance.connect();
    try {
      // Named one by one: in a pattern, brackets and stars of a folder's name would be part of it.
      const from = files.names.map((file) => `'${file.replaceAll("'", "''")}'`).join(", ");
      await connection.run(
        `create view events as from read_parquet([${from}], union_by_name = true, hive_partitioning = ${files.partitioned})`,
      );
      const answer = await connection.runAndReadAll(sql);
      const types = answer.columnTypes();
      return {
        columns: answer.columnNames().map((name, i) => ({ name, type: String(types[i]) })),
        rows: answer.getRowsJson(),
      };
    } catch (error) {
      throw brokenParquet(files) ?? new InputError(`DuckDB: ${inOneLine((error as Error).message)}`);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** What is wrong and what may have been meant; not the query with a mark beneath. */
const inOneLine = (message: string): string => message.split(/\n\s*(?:\n|LINE )/)[0]!.replace(/\s*\n\s*/g, " ");

/** Beside rbtool, or in the current directory: it is large, so nobody gets it who does not ask for it. */
function loadDuckDb(): DuckDb {
  for (const place of [realpathSync(process.argv[1] ?? process.execPath), join(process.cwd(), "here")])
    try {
      return createRequire(place)(PACKAGE) as DuckDb;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  throw new InputError(`sql needs DuckDB: \`npm install ${PACKAGE}\` here, or with -g beside a global rbtool`);
}
