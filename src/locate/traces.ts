import type { MemoryPiece, PhysicalMemory } from "../input/memory/physical.js";

/** What memory says in words of the kernel and its persistent buffers. */
export interface Trace {
  readonly kind: "release" | "parameter" | "mapped";
  /** Where it was read. */
  readonly address: number;
  readonly text: string;
  /** Where it says that an area is. */
  readonly area: number | undefined;
}

interface Pattern {
  readonly kind: Trace["kind"];
  /** What is looked for. */
  readonly needle: string;
  /** What it must be part of, from the needle on. */
  readonly whole: RegExp;
}

/** Longest that any of them is. */
const LENGTH = 256;
const PATTERNS: readonly Pattern[] = [
  // linux_banner (init/version-timestamp.c)
  { kind: "release", needle: "Linux version ", whole: /^Linux version \d+\.\d+[\w.+-]* \([^)\0]*\)/ },
  // mm/memblock.c's reserve_mem_setup(), and what trace.c takes (boot_instance()).
  { kind: "parameter", needle: "reserve_mem=", whole: /^reserve_mem=[\dkKmMgG]+:[\dkKmMgGx]+:[\w.-]+/ },
  { kind: "parameter", needle: "trace_instance=", whole: /^trace_instance=[\w.-]+[\^@][\x21-\x7e]+/ },
  { kind: "parameter", needle: "memmap=", whole: /^memmap=[\dkKmMgGx]+[@#$!%][\dkKmMgGx]+/ },
  // enable_instances() (kernel/trace/trace.c, 6.12 to 7.3)
  {
    kind: "mapped",
    needle: "mapped boot instance ",
    // Behind the size the printk buffer may go on with what looks like more digits.
    whole: /^mapped boot instance [\x21-\x7e]+ at physical memory 0x[0-9a-f]+(?= of size 0x)/,
  },
];
/** A console repeats itself, and copies of it lie in memory: each text is told once. */
const MOST = 64;

/** Looks for what the kernel wrote of itself: on its command line, its console. */
export class TraceSightings {
  private readonly texts = new Map<string, Trace>();

  constructor(
    private readonly memory: PhysicalMemory,
    private readonly patterns: readonly Pattern[] = PATTERNS,
  ) {}

  get found(): Trace[] {
    return [...this.texts.values()];
  }

  look({ address, bytes }: MemoryPiece): void {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const pattern of this.patterns) {
      const { needle } = pattern;
      // One that begins in the piece before.
      const start = Math.max(0, address - needle.length + 1);
      const at = Buffer.from(this.memory.read(start, 2 * needle.length - 2)).indexOf(needle);
      if (at >= 0) this.examine(start + at, pattern);
      for (let i = piece.indexOf(needle); i >= 0; i = piece.indexOf(needle, i + 1)) this.examine(address + i, pattern);
    }
  }

  private examine(address: number, { kind, whole }: Pattern): void {
    const text = whole.exec(Buffer.from(this.memory.read(address, LENGTH)).toString("latin1"))?.[0];
    if (text === undefined || this.texts.has(text) || this.texts.size >= MOST) return;
    const area = kind === "mapped" ? Number(/0x[0-9a-f]+$/.exec(text)![0]) : undefined;
    this.texts.set(text, { kind, address, text, area });
  }
}

/** The release that memory names in its kernel's banner; undefined where there is none, or there are several kernels'. */
export async function bannerRelease(memory: PhysicalMemory): Promise<string | undefined> {
  const banners = new TraceSightings(
    memory,
    PATTERNS.filter(({ kind }) => kind === "release"),
  );
  for (const piece of memory.pieces()) {
    banners.look(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const releases = new Set(banners.found.map(({ text }) => text.split(" ")[2]!));
  return releases.size === 1 ? [...releases][0] : undefined;
}
