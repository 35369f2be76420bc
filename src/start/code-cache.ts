import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Script } from "node:vm";
import { crc32 } from "node:zlib";

/** What a cache begins with: one line of JSON. The code of one file after another follows. */
interface Head {
  /** Of which build of rbtool's files, and by which Node, it was made. */
  readonly build: string;
  readonly node: string;
  readonly files: readonly (readonly [name: string, length: number, crc: number])[];
}

/** What V8 made of a file. */
interface Code {
  readonly bytes: Buffer;
  /** As it was when they were written. */
  readonly crc: number;
}

const NODE = `${process.version} ${process.arch}`;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Where the user's own cache is: below XDG_CACHE_HOME or ~/.cache. Undefined where the folder that it would be in is somebody
 * else's (`sudo` may leave HOME as it was), where nobody can tell (Windows), and where the user wants none.
 */
export function codeCachePath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  // Node's own variable for its own cache of this kind (Node 22 and later).
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const { XDG_CACHE_HOME: given } = env;
  const home = given ? given : homedir();
  const found = statSync(home, { throwIfNoEntry: false });
  if (found === undefined || !isOwn(found)) return undefined;
  return join(given ? home : join(home, ".cache"), "rbtool", "code");
}

function isOwn({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0;
}

/**
 * What V8 made of rbtool's files, kept from one run to the next: to compile them is a quarter of a quick command's time. Only what
 * this user alone can write is run, and only what is whole: V8 runs what is damaged.
 */
export class CodeCache {
  private readonly codes: Map<string, Code>;

  /** @param build names the files that are run: code of others is not */
  constructor(
    private readonly path: string,
    private readonly build: string,
  ) {
    this.codes = orElse(() => this.read(), new Map());
  }

  get(name: string): Buffer | undefined {
    const code = this.codes.get(name);
    return code !== undefined && crc32(code.bytes) === code.crc ? code.bytes : undefined;
  }

  /** Adds what V8 has made of files by now. The next run compiles again what cannot be kept. */
  keep(scripts: ReadonlyMap<string, Script>): void {
    if (scripts.size === 0) return;
    for (const [name, script] of scripts) {
      const bytes = script.createCachedData();
      this.codes.set(name, { bytes, crc: crc32(bytes) });
    }
    orElse(() => this.write(), undefined);
  }

  private read(): Map<string, Code> {
    const file = openSync(this.path, "r");
    try {
      if (!isOwn(fstatSync(file))) return new Map();
      const bytes = readFileSync(file);
      const end = bytes.indexOf("\n");
      const { build, node, files } = JSON.parse(bytes.toString("latin1", 0, end)) as Head;
      if (build !== this.build || node !== NODE) return new Map();
      let at = end + 1;
      const codes = new Map<string, Code>();
      for (const [name, length, crc] of files) {
        codes.set(name, { bytes: bytes.subarray(at, at + length), crc });
        at += length;
      }
      return codes;
    } finally {
      closeSync(file);
    }
  }

  /** In place: who reads it meanwhile, or writes it too, finds what is not whole. */
  private write(): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
    const file = openSync(this.path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      if (!isOwn(fstatSync(file))) return;
      const codes = [...this.codes];
      const files = codes.map(([name, { bytes, crc }]) => [name, bytes.length, crc] as const);
      const head: Head = { build: this.build, node: NODE, files };
      ftruncateSync(file);
      writeFileSync(
        file,
        Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...codes.map(([, { bytes }]) => bytes)]),
      );
    } finally {
      closeSync(file);
    }
  }
}

/** A cache that cannot be used is no trouble. */
function orElse<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
