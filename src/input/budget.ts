import { InputError, UsageError } from "../ground/errors.js";

/** What one input, with all that is named beside it, may take of this machine. */
export interface Budget {
  /** Bytes that packed files may unpack to in memory, all of them together. */
  readonly memory: number;
  /** Bytes of a pipe or a packed input, or of what an output is put together from, that may be kept in a temporary file. */
  readonly disk: number;
}

/** What sets another budget than the usual one. */
export const BUDGET_VARIABLES = { memory: "RBTOOL_MAX_MEMORY", disk: "RBTOOL_MAX_DISK" } as const;

/** A package of all modules unpacks to less than a quarter of it; machines with more memory than that can have their dumps unpacked first. */
const USUAL: Budget = { memory: 2 * 1024 ** 3, disk: 64 * 1024 ** 3 };

/** The budget as it is now: as the environment sets it, or the usual one. */
export function budget(): Budget {
  return { memory: stated("memory") ?? USUAL.memory, disk: stated("disk") ?? USUAL.disk };
}

/** By their power of 1024; a plain number has none. */
const UNITS = ["", "K", "M", "G", "T"];

function stated(what: keyof Budget): number | undefined {
  const name = BUDGET_VARIABLES[what];
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const [, digits, unit] = /^(\d{1,12})([KMGT]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`${name}=${text}: write a number of bytes, or like 512M, 8G, 1T`);
  return Number(digits) * 1024 ** UNITS.indexOf(unit!.toUpperCase());
}

/** An input would take more than its budget. */
export class OverBudget extends InputError {
  /**
   * @param what what is too much, and for what
   * @param gib what would suffice, where that is known
   */
  constructor(what: string, kind: keyof Budget, gib?: number) {
    const example = gib === undefined ? `, like ${BUDGET_VARIABLES[kind]}=${EXAMPLES[kind]}` : ` to ${gib}G`;
    super(`${what}; if it is meant to be so large, set ${BUDGET_VARIABLES[kind]}${example}`);
  }
}

const EXAMPLES: Readonly<Record<keyof Budget, string>> = { memory: "8G", disk: "1T" };

/** What is left of the memory for all files of one context: however often one of them is packed in another. */
export class Allowance {
  private used = 0;

  constructor(private readonly total = budget().memory) {}

  get left(): number {
    return Math.max(0, this.total - this.used);
  }

  /** What one file may unpack to: while it grows, it is in memory twice. */
  get forOne(): number {
    return Math.min(this.left, Math.floor(this.total / 2));
  }

  /** Notes what was unpacked. Throws OverBudget beyond the end. */
  take(bytes: number): void {
    this.used += bytes;
    if (this.used > this.total) throw this.exceeded();
  }

  exceeded(): OverBudget {
    return new OverBudget(`it unpacks to too much: all packed files may take ${this.total} bytes`, "memory");
  }
}
