import type { Dump } from "../images.js";
import type { Dice } from "./dice.js";

/** One kind of input that is damaged. What it finds wrong it throws; any error that is not one of the program's own is a find. */
export interface Kind {
  readonly name: string;
  /** Reads what it damages, these images among it; then each call tries one damage. */
  prepare(dumps: readonly Dump[]): Promise<(dice: Dice) => void | Promise<void>>;
}

/** A statement about the program that a damaged input disproved. */
export class Disproved extends Error {
  override readonly name = "Disproved";
}

export function holds(truth: boolean, statement: string | (() => string)): void {
  if (!truth) throw new Disproved(typeof statement === "string" ? statement : statement());
}

/** Waits for the attempt, which may throw one of these. */
export async function unlessRefused(
  kinds: readonly (new (...words: never[]) => Error)[],
  attempt: () => Promise<void>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

/** What the call gives; undefined where it throws one of these. */
export function unless<T>(kinds: readonly (new (...words: never[]) => Error)[], call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}
