import { type Hole, MadeSource, type Source } from "../input/source.js";
import { bootMetaAt, chunkAt, LOOKED_AT } from "./kinds.js";

/** An order of bytes that a debugger or a programmer's tool leaves behind, and what puts it right. */
interface Order {
  /** What is in reverse order in such a file. */
  readonly what: string;
  readonly swaps: readonly ("swap16" | "swap32" | "swap64")[];
}

/** The likeliest first: a word is read through a port of the other byte order. */
const ORDERS: readonly Order[] = [
  { what: "the bytes of each 32-bit word", swaps: ["swap32"] },
  { what: "the bytes of each 16-bit word", swaps: ["swap16"] },
  { what: "the bytes of each 64-bit word", swaps: ["swap64"] },
  { what: "the halves of each 32-bit word", swaps: ["swap32", "swap16"] },
  { what: "the halves of each 64-bit word", swaps: ["swap64", "swap32"] },
  { what: "the four quarters of each 64-bit word", swaps: ["swap64", "swap16"] },
];
/** The largest word. */
const WORD = 8;

/**
 * The input with its bytes in another order, where that is what makes its header fit. Undefined where it begins right as
 * it is. A 32-bit writer's header fits either way, and is taken as it is.
 */
export function reordered(source: Source): { readonly source: Source; readonly what: string } | undefined {
  const start = source.read(0, LOOKED_AT);
  const fits = (bytes: Uint8Array) => (bootMetaAt(bytes, 0) ?? chunkAt(bytes, 0)) !== undefined;
  if (start.length < LOOKED_AT || fits(start)) return undefined;
  const order = ORDERS.find((each) => fits(swapped(start, each)));
  return order && { source: new Reordered(source, order), what: order.what };
}

function swapped(bytes: Uint8Array, { swaps }: Order): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const swap of swaps) copy[swap]();
  return copy;
}

class Reordered extends MadeSource implements Source {
  readonly size: number;
  readonly holes: readonly Hole[] = [];
  readonly physicalStart: number | undefined;

  constructor(
    private readonly source: Source,
    private readonly order: Order,
  ) {
    super();
    // A last word that is cut tells nothing of its first bytes.
    this.size = source.size - (source.size % WORD);
    this.physicalStart = source.physicalStart;
  }

  get name(): string {
    return this.source.name;
  }

  get notes(): readonly string[] {
    return this.source.notes;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const from = offset - (offset % WORD);
    const words = this.source.read(from, Math.ceil((end - from) / WORD) * WORD);
    return swapped(words, this.order).subarray(offset - from, end - from);
  }

  close(): void {
    this.source.close();
  }
}
