import { decodeLatin1, encodeLatin1 } from "../../ground/latin1.js";
import type { Scraps } from "../scraps.js";

/** Bytes of stacks that are held at once; an image may hold a new stack in each event, as long as a page. */
const MOST = 64 * 1024 * 1024;
/** What a stack takes beside its text, about. */
const EACH = 64;

/**
 * What was counted by stack, as lines of `stack count`. When too many bytes of stacks are held, all lines are written and it
 * begins anew: a stack that comes again has another line, and who reads the file adds them up.
 */
export class StackCounts {
  private readonly counts = new Map<string, number>();
  private readonly scrap: number;
  private held = 0;

  constructor(
    private readonly scraps: Scraps,
    private readonly most = MOST,
  ) {
    this.scrap = scraps.begin();
  }

  /** @param stack one character a byte */
  add(stack: string, count: number): void {
    const before = this.counts.get(stack);
    if (before === undefined) {
      const size = stack.length + EACH;
      if (this.held + size > this.most) this.put();
      this.held += size;
    }
    this.counts.set(stack, (before ?? 0) + count);
  }

  /** The lines in UTF-8; nothing is counted from here on. */
  *lines(): Generator<Buffer> {
    this.put();
    yield* this.scraps.read(this.scrap);
  }

  private put(): void {
    for (const [stack, count] of this.counts)
      this.scraps.add(this.scrap, `${encodeLatin1(decodeLatin1(stack))} ${Math.round(count)}\n`);
    this.counts.clear();
    this.held = 0;
  }
}
