import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Abi } from "../../src/abi.js";

const SHARED = process.env.RBTOOL_DUMPS ?? fileURLToPath(new URL("../../../shared/dumps", import.meta.url));
const FIXTURES = fileURLToPath(new URL("../../fixtures/dumps", import.meta.url));
/** Where the real images lie: the big collection where it is at hand, else the fixtures. The oracle is its sibling. */
export const DUMPS = existsSync(SHARED) ? SHARED : FIXTURES;
export const ORACLE = join(DUMPS, "..", "oracle");
export const KERNELS = join(DUMPS, "..", "kernels");
export const haveDumps = existsSync(DUMPS);
export const haveOracle = existsSync(ORACLE);

if (DUMPS === FIXTURES) console.warn(`NO BIG COLLECTION at ${SHARED}: only the fixtures are tested; set RBTOOL_DUMPS`);
if (!haveDumps) console.warn(`NO REAL IMAGES at ${DUMPS}: these tests are SKIPPED`);
else if (!haveOracle) console.warn(`NO ORACLE at ${ORACLE}: these tests are SKIPPED`);

export interface Info {
  readonly kernel: string;
  readonly machine: string;
  readonly pagesize: number;
  readonly cpus: number;
  readonly bytes: number;
  readonly addr: string;
  readonly region_next_boot: string;
  readonly workload: string;
}

export function abiOf(machine: string): Abi {
  return { littleEndian: machine !== "s390x", longSize: machine.startsWith("arm") && machine !== "arm64" ? 4 : 8 };
}

export class Dump {
  readonly info: Info;
  private readonly dir: string;

  constructor(readonly name: string) {
    this.dir = join(DUMPS, name);
    this.info = JSON.parse(readFileSync(join(this.dir, "info.json"), "utf8")) as Info;
  }

  get abi(): Abi {
    return abiOf(this.info.machine);
  }

  has(file: string): boolean {
    return existsSync(join(this.dir, file));
  }

  text(file: string): string {
    return readFileSync(join(this.dir, file), "utf8");
  }

  bytes(file: string): Uint8Array {
    return gunzipSync(readFileSync(join(this.dir, file)));
  }

  /** The area's address in the boot whose `file` this is: its first CPU's first_buffer, less where that lies. */
  virtOf(file: string): bigint {
    const bytes = this.bytes(file);
    const { abi } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const long = (at: number): bigint =>
      abi.longSize === 8 ? view.getBigUint64(at, abi.littleEndian) : BigInt(view.getUint32(at, abi.littleEndian));
    const first = /^6\.1[234]\./.test(this.info.kernel)
      ? { meta: 0, at: 8 + 2 * abi.longSize, size: abi.longSize === 8 ? 56 : 36 }
      : undefined;
    const global = abi.longSize === 8 ? { meta: 8240, at: 0, size: 32 } : { meta: 8220, at: 0, size: 20 };
    const { meta, at, size } = first ?? global;
    const nrSubbufs = view.getUint32(meta + size - 4, abi.littleEndian);
    const page = this.info.pagesize;
    const subbufs = Math.ceil((meta + size + 4 * nrSubbufs) / page) * page;
    return long(meta + at) - BigInt(subbufs);
  }
}

export function dumpNames(): string[] {
  if (!haveDumps) return [];
  return readdirSync(DUMPS)
    .filter((name) => existsSync(join(DUMPS, name, "info.json")))
    .sort();
}

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

/** Where two areas first differ and by how many bytes; null when they are the same. */
export function difference(a: Uint8Array, b: Uint8Array): { at: number; count: number } | null {
  let at = -1;
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++)
    if (a[i] !== b[i]) {
      if (at < 0) at = i;
      count++;
    }
  return count === 0 ? null : { at: at < 0 ? Math.min(a.length, b.length) : at, count };
}
