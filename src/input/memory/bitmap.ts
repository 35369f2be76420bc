import type { Source } from "../source.js";

/** Pages whose bits are counted together. */
const GROUP = 4096;
const GROUP_BYTES = GROUP / 8;

/** Stretches are told apart where so many groups in a row are empty. */
const GROUPS_APART = 4;

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** A bit for each page of memory, in a file; and how many are set before each. */
export class PageBitmap {
  /** Set bits before each group. */
  private readonly before: Float64Array;

  /** @param pages bits in it; the caller has checked that they lie in the file */
  constructor(
    private readonly source: Source,
    private readonly offset: number,
    readonly pages: number,
  ) {
    const groups = Math.ceil(pages / GROUP);
    this.before = new Float64Array(groups + 1);
    for (let group = 0; group < groups; group++) {
      let ones = 0;
      for (const byte of this.group(group)) ones += ONES[byte]!;
      this.before[group + 1] = this.before[group]! + ones;
    }
  }

  /** Pages whose bit is set. */
  get present(): number {
    return this.before[this.before.length - 1]!;
  }

  has(page: number): boolean {
    if (!(page >= 0 && page < this.pages)) return false;
    const byte = this.source.read(this.offset + Math.floor(page / 8), 1)[0] ?? 0;
    return (byte & (1 << (page % 8))) !== 0;
  }

  /** Set bits before this page's. */
  rank(page: number): number {
    const group = Math.floor(page / GROUP);
    if (group >= this.before.length - 1) return this.present;
    const bytes = this.group(group);
    const within = page % GROUP;
    let ones = this.before[group]!;
    for (let i = 0; i < within >> 3; i++) ones += ONES[bytes[i] ?? 0]!;
    return ones + ONES[(bytes[within >> 3] ?? 0) & ((1 << (within & 7)) - 1)]!;
  }

  /** The first page from `page` on whose bit is set; undefined where none follows. */
  next(page: number): number | undefined {
    for (let group = Math.floor(page / GROUP); group < this.before.length - 1; group++) {
      if (this.before[group] !== this.before[group + 1]) {
        const bytes = this.group(group);
        const start = group * GROUP;
        for (let at = Math.max(page, start); at < start + GROUP; at++) {
          const byte = bytes[(at - start) >> 3] ?? 0;
          if (byte === 0) at |= 7;
          else if (byte & (1 << (at & 7))) return at;
        }
      }
    }
    return undefined;
  }

  /** Where set bits are, roughly: from the first of a stretch of groups behind the last; few groups without any are passed over. */
  stretches(): { from: number; to: number }[] {
    const found: { from: number; to: number }[] = [];
    let empty = GROUPS_APART;
    for (let group = 0; group < this.before.length - 1; group++) {
      if (this.before[group] === this.before[group + 1]) {
        empty++;
        continue;
      }
      const to = Math.min((group + 1) * GROUP, this.pages);
      if (empty < GROUPS_APART) found.at(-1)!.to = to;
      else found.push({ from: this.next(group * GROUP)!, to });
      empty = 0;
    }
    return found;
  }

  /** The bits of a group; those behind the last page count as not set. */
  private group(group: number): Uint8Array {
    const bytes = this.source.read(this.offset + group * GROUP_BYTES, GROUP_BYTES);
    const bits = this.pages - group * GROUP;
    if (bits >= GROUP) return bytes;
    const kept = bytes.slice(0, Math.ceil(bits / 8));
    if (bits % 8 !== 0 && kept.length > 0) kept[kept.length - 1]! &= (1 << (bits % 8)) - 1;
    return kept;
  }
}
