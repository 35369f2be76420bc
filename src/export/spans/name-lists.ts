import type { Scraps } from "../scraps.js";

/** Names that are remembered, of all lists together. */
const MOST = 262_144;

/** Names in the order of their numbers. */
export interface NameList {
  readonly scrap: number;
  readonly numbers: Map<string, number>;
  count: number;
}

/**
 * Lists of names, which a file's events have by number. An image may hold a new name in each event: when too many are remembered
 * all are forgotten, and a name that comes again stands in its list once more.
 */
export class NameLists {
  private readonly lists: NameList[] = [];
  private remembered = 0;

  /** @param written a name as the file has it */
  constructor(
    private readonly scraps: Scraps,
    private readonly written: (name: string) => string,
    private readonly most = MOST,
  ) {}

  begin(): NameList {
    const list = { scrap: this.scraps.begin(), numbers: new Map<string, number>(), count: 0 };
    this.lists.push(list);
    return list;
  }

  number(list: NameList, name: string): number {
    const known = list.numbers.get(name);
    if (known !== undefined) return known;
    if (this.remembered === this.most) this.forget();
    this.remembered++;
    const number = list.count++;
    list.numbers.set(name, number);
    this.scraps.add(list.scrap, `${number === 0 ? "" : ","}${this.written(name)}`);
    return number;
  }

  /** The names, with commas between them; none is added from here on. */
  read(list: NameList): Generator<Buffer> {
    return this.scraps.read(list.scrap);
  }

  private forget(): void {
    for (const { numbers } of this.lists) numbers.clear();
    this.remembered = 0;
  }
}
