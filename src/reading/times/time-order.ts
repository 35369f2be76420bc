import { lastUpTo } from "../../ground/last-up-to.js";
import type { Candidate } from "../subbuf-reading.js";

/** Pages of a block at most: to make room among so many costs nothing. */
const MOST = 1024;

/** Pages by their times. One is put between others quickly, however many there are. */
export class TimeOrder {
  /** None is empty. */
  private readonly blocks: Candidate[][] = [];

  /** @param rising of times that do not fall */
  constructor(rising: readonly Candidate[]) {
    for (let i = 0; i < rising.length; i += MOST) this.blocks.push(rising.slice(i, i + MOST));
  }

  get first(): Candidate | undefined {
    return this.blocks[0]?.[0];
  }

  get last(): Candidate | undefined {
    return this.blocks.at(-1)?.at(-1);
  }

  /** The last that is no later than a time, and the first that is. */
  around(time: bigint): { readonly before: Candidate | undefined; readonly after: Candidate | undefined } {
    const number = this.blockOf(time);
    const block = this.blocks[number];
    if (block === undefined) return { before: undefined, after: this.first };
    const place = firstLater(block, time);
    return { before: block[place - 1], after: block[place] ?? this.blocks[number + 1]?.[0] };
  }

  /** None of them is of the time of a page. */
  hasRoom({ time, end }: Candidate): boolean {
    const { before, after } = this.around(time);
    return (before === undefined || before.end <= time) && (after === undefined || end <= after.time);
  }

  /** Puts a page behind those that are no later. */
  insert(page: Candidate): void {
    const number = Math.max(0, this.blockOf(page.time));
    const block = this.blocks[number];
    if (block === undefined) {
      this.blocks.push([page]);
      return;
    }
    block.splice(firstLater(block, page.time), 0, page);
    if (block.length > MOST) this.blocks.splice(number + 1, 0, block.splice(MOST >> 1));
  }

  pages(): Candidate[] {
    return this.blocks.flat();
  }

  /** The last block that begins no later than a time; -1 where none does. */
  private blockOf(time: bigint): number {
    return lastUpTo(this.blocks.length, (i) => this.blocks[i]![0]!.time, time);
  }
}

/** Index of the first page of a rising list that is later than a time. */
export function firstLater(rising: readonly Candidate[], time: bigint): number {
  return lastUpTo(rising.length, (i) => rising[i]!.time, time) + 1;
}
