import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DUMPS, ORACLE } from "./collection.js";

export const haveOracle = existsSync(ORACLE);

export interface Change {
  readonly at: number;
  readonly hex?: string;
  readonly fill?: number;
  readonly length?: number;
}

export interface OracleCase {
  readonly name: string;
  readonly kernel: string;
  readonly base: string;
  readonly change?: string;
  readonly patch: readonly Change[];
  readonly after_boot?: readonly Change[];
  readonly boot?: readonly string[];
  readonly trace_lines?: number;
  readonly trace_sha256?: string;
  readonly stats?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly fault?: readonly string[];
}

export function oracleCases(): OracleCase[] {
  if (!haveOracle) return [];
  return readdirSync(ORACLE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: kernel }) =>
      readdirSync(join(ORACLE, kernel))
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map((file) => ({
          ...(JSON.parse(readFileSync(join(ORACLE, kernel, file), "utf8")) as OracleCase),
          name: `${kernel}/${file.replace(/\.json$/, "")}`,
          kernel,
        })),
    )
    .filter(({ base }) => existsSync(join(DUMPS, base, "image.bin.gz")));
}

export function patched(bytes: Uint8Array, patch: readonly Change[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const { at, hex, fill, length } of patch) {
    if (hex !== undefined) copy.set(Buffer.from(hex, "hex"), at);
    else copy.fill(fill!, at, at + length!);
  }
  return copy;
}

/** Where two areas first differ and by how many bytes; undefined when they are the same. */
export function difference(a: Uint8Array, b: Uint8Array): { at: number; count: number } | undefined {
  let at = -1;
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++)
    if (a[i] !== b[i]) {
      if (at < 0) at = i;
      count++;
    }
  return count === 0 ? undefined : { at: at < 0 ? Math.min(a.length, b.length) : at, count };
}
