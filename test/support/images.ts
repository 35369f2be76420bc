import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Abi } from "../../src/ground/abi.js";
import { DUMPS, FIXTURES, KERNELS } from "./collection.js";

export interface Info {
  readonly kernel: string;
  readonly machine: string;
  readonly pagesize: number;
  readonly cpus: number;
  readonly bytes: number;
  readonly addr: string;
  readonly region_next_boot: string;
  readonly workload: string;
  /** The folder of the kernel's files, where it is not named by the release: these modules were loaded. */
  readonly files?: string;
  /** `_text` of the boot that read, where that lay elsewhere. */
  readonly next_text?: string;
}

export function abiOf(machine: string): Abi {
  return { littleEndian: machine !== "s390x", longSize: machine.startsWith("arm") && machine !== "arm64" ? 4 : 8 };
}

/** A folder of a real image and its kernel's own reading of it. */
export class Dump {
  readonly info: Info;

  constructor(
    readonly name: string,
    private readonly folder = existsSync(join(DUMPS, name)) ? DUMPS : join(FIXTURES, "dumps"),
  ) {
    this.info = JSON.parse(this.text("info.json")) as Info;
  }

  get path(): string {
    return join(this.folder, this.name);
  }

  /** The files of the kernel that wrote: its formats, symbols, strings. */
  get kernelFiles(): string {
    return join(KERNELS, this.info.files ?? this.info.kernel);
  }

  get abi(): Abi {
    return abiOf(this.info.machine);
  }

  has(file: string): boolean {
    return existsSync(join(this.path, file));
  }

  text(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }

  /** A file unzipped; usually the image. */
  bytes(file = "image.bin.gz"): Uint8Array {
    return new Uint8Array(gunzipSync(readFileSync(join(this.path, file))));
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

function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .filter((name) => existsSync(join(folder, name, "image.bin.gz")));
}

/** All the real images there are: those of RBTOOL_DUMPS (default ../shared/dumps), and the repository's beside. */
export function dumpNames(): string[] {
  return [...new Set([...namesIn(DUMPS), ...namesIn(join(FIXTURES, "dumps"))])];
}

/** The same, opened. */
export const realImages: readonly Dump[] = dumpNames().map((name) => new Dump(name));

/** The images of the repository: always there. */
export const fixtureImages: readonly Dump[] = namesIn(join(FIXTURES, "dumps")).map((name) => fixture(name));

export function fixture(name: string): Dump {
  return new Dump(name, join(FIXTURES, "dumps"));
}
