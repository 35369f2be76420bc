import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { InputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import { isDirectory } from "./directory.js";

const ENDING = ".parquet";
/** Both ends of a parquet file that is whole. */
const MAGIC = "PAR1";
/** Both magics and the length of what stands before the second. */
const LEAST = 12;

/** Files of one table. */
export interface ParquetFiles {
  readonly names: readonly string[];
  /** Folders are columns too: `host=web-17`. */
  readonly partitioned: boolean;
}

/** The parquet files that a path names, itself or in a folder; undefined where it names something else. Throws InputError. */
export function parquetFiles(path: string): ParquetFiles | undefined {
  if (!isDirectory(path)) return path.endsWith(ENDING) ? { names: [path], partitioned: false } : undefined;
  const inside = namesIn(path);
  const names = inside.filter((name) => name.endsWith(ENDING)).sort();
  if (names.length > 0) {
    refuseUnlike(path, names);
    return { names: names.map((name) => join(path, name)), partitioned: true };
  }
  const begun = inside.some((name) => name.includes(`${ENDING}.`) && name.endsWith(".tmp"));
  throw new InputError(
    begun
      ? `${path}: no parquet file in it is whole yet: wait for \`rbtool export --dataset\`, or run it again if it was interrupted`
      : `${path}: no parquet files in it; \`rbtool export --to parquet --dataset ${path} IMAGE...\` writes them`,
  );
}

/** Throws InputError where a file lies in folders of other columns than others: DuckDB makes no table of them. */
function refuseUnlike(path: string, names: readonly string[]): void {
  const columns = new Set(names.flatMap(columnsOf));
  for (const column of columns) {
    const without = names.find((name) => !columnsOf(name).includes(column));
    if (without === undefined) continue;
    const within = names.find((name) => columnsOf(name).includes(column));
    throw new InputError(
      `${path}: ${within} lies in a folder ${column}=..., ${without} in none: one table has all its files in such folders, or none; name ${join(path, without)} by itself`,
    );
  }
}

/** What its folders say: `host` and `boot` of host=web-17/boot=2/part.parquet. */
const columnsOf = (name: string): string[] =>
  name
    .split(sep)
    .slice(0, -1)
    .flatMap((folder) => /^([^=]+)=/.exec(folder)?.[1] ?? []);

/** Of files that cannot be read the first that is not whole, as InputError. */
export function brokenParquet({ names }: ParquetFiles): InputError | undefined {
  for (const file of names) {
    const why = brokenBy(file);
    if (why !== undefined) return new InputError(`${file}: ${why}`);
  }
  return undefined;
}

function brokenBy(file: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const { size } = statSync(file);
    const [first, last] = [Buffer.alloc(MAGIC.length), Buffer.alloc(MAGIC.length)];
    readSync(fd, first, 0, MAGIC.length, 0);
    if (size > 0 && first.toString("latin1") !== MAGIC) return "is no parquet file; remove it from the folder";
    if (size >= LEAST) readSync(fd, last, 0, MAGIC.length, size - MAGIC.length);
    if (last.toString("latin1") === MAGIC) return undefined;
    return `${size === 0 ? "is empty" : "is cut short"}; remove it, and run the \`rbtool export\` that wrote it again`;
  } catch (error) {
    return reasonOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    throw new InputError(`${folder}: ${reasonOf(error)}`);
  }
}
