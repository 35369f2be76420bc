import { Sequence } from "../ground/sequence.js";
import type { Image } from "../image/image.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import { RingReader } from "../kernel/reader.js";
import type { Kernel } from "../kernel/versions/kernel.js";
import type { SubbufRole } from "../reading/summary.js";
import { readingLength, rolesOfPage } from "../user/layout.js";
import { type PageIds, pageIds, placesBy } from "../user/page-id.js";
import { PageScans } from "../user/page-scans.js";

/** What a program that reads sub-buffer 0, 1, 2, ... would make of a sub-buffer, beside what the kernel holds it for. */
export type ViewState =
  /** Unread events: both sides see them. */
  | "unread"
  /** A reader took it, its header is intact: a program would read it again. */
  | "consumed"
  /** Nothing is committed. */
  | "empty"
  /** Thrown out at boot; the mark of lost events is all that is left of it. */
  | "dropped";

/** One sub-buffer in both views. */
export interface ViewPage {
  readonly kernelId: number;
  readonly userId: number;
  readonly ordinaryId: number;
  readonly roles: readonly SubbufRole[];
  readonly state: ViewState;
  /** Its header is zeroed, or was never written; old bytes lie behind it. */
  readonly residue: boolean;
  /** When the kernel reads it, from 0; undefined: never. */
  readonly kernelOrder: number | undefined;
  /** When a program reading ids upwards meets it among the sub-buffers with committed data; undefined: it has none. */
  readonly naiveOrder: number | undefined;
  /** Such a program has met newer events before it. */
  readonly late: boolean;
  readonly offset: number;
  readonly size: number;
  readonly missedEvents: boolean;
  readonly missedCount: bigint | undefined;
  readonly events: number;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

/** Two sub-buffers in the wrong order. */
export interface LateExample {
  readonly userId: number;
  readonly firstTime: bigint | undefined;
  readonly afterUserId: number;
  readonly afterLastTime: bigint | undefined;
}

/** A CPU's sub-buffers in both views, in columns. Places are those of the order in which their ids are set up. */
export class ViewTable {
  private readonly ids: PageIds;
  private readonly scans: PageScans;
  /** As many places the kernel reads, in this order. */
  private readonly readingLength: number;
  /** Counted from 1; 0 stands for a sub-buffer without data. */
  private readonly naive: Uint32Array;
  private readonly isLate: Uint8Array;
  /** Places in the kernel's order, then what it does not read, by id. */
  private readonly places: Uint32Array;
  readonly firstLate: LateExample | undefined;

  constructor(
    image: Image,
    private readonly cpu: CpuBuffer,
    kernel: Kernel,
  ) {
    const reader = new RingReader(cpu, kernel.reading);
    this.ids = pageIds(cpu, (page) => reader.subbufIndex(page));
    const { length } = this.ids.slots;
    this.scans = new PageScans(image, cpu.all, this.ids.slots, true);
    this.readingLength = Math.min(readingLength(cpu), length);
    this.naive = new Uint32Array(length);
    this.isLate = new Uint8Array(length);
    this.firstLate = this.readUpwards();
    const unread = placesBy(this.ids.kernelIds.subarray(this.readingLength));
    this.places = new Uint32Array(length);
    for (let i = 0; i < length; i++)
      this.places[i] = i < this.readingLength ? i : this.readingLength + unread[i - this.readingLength]!;
  }

  /** In the kernel's order; then what it does not read, by id. */
  get pages(): Sequence<ViewPage> {
    return new Sequence(this.places.length, (i) => this.at(this.places[i]!));
  }

  /** The physical indices by the kernel's ids. */
  userIdByKernelId(): number[] {
    return Array.from(placesBy(this.ids.kernelIds), (place) => this.ids.persistent[place]!);
  }

  /** What a program meets going upwards: every sub-buffer whose commit says that it has data. */
  private readUpwards(): LateExample | undefined {
    let met = 0;
    let newest = -1;
    let example: LateExample | undefined;
    let last: number | undefined;
    for (const place of placesBy(this.ids.persistent)) {
      if (this.scans.header(place).size === 0) continue;
      this.naive[place] = ++met;
      if (place >= this.readingLength) continue;
      if (place < newest) this.isLate[place] = 1;
      if (this.scans.events(place) === 0) continue;
      if (last !== undefined && place < last) example ??= this.lateExample(place, last);
      last = place;
      newest = Math.max(newest, place);
    }
    return example;
  }

  private lateExample(place: number, after: number): LateExample {
    const { persistent } = this.ids;
    return {
      userId: persistent[place]!,
      firstTime: this.scans.firstTime(place),
      afterUserId: persistent[after]!,
      afterLastTime: this.scans.lastTime(after),
    };
  }

  private at(place: number): ViewPage {
    const { scans, ids, naive } = this;
    const { size, missedEvents, missedCount } = scans.header(place);
    const page = this.cpu.all.at(ids.slots[place]!);
    const read = place < this.readingLength;
    let state: ViewState;
    if (size > 0) state = read ? "unread" : "consumed";
    else if (missedEvents) state = "dropped";
    else state = "empty";
    return {
      kernelId: ids.kernelIds[place]!,
      userId: ids.persistent[place]!,
      ordinaryId: place,
      roles: rolesOfPage(this.cpu, page),
      state,
      residue: state === "empty" && scans.hasResidue(place),
      kernelOrder: read ? place : undefined,
      naiveOrder: naive[place] === 0 ? undefined : naive[place]! - 1,
      late: this.isLate[place] === 1,
      offset: page.offset,
      size,
      missedEvents,
      missedCount,
      events: scans.events(place),
      firstTime: scans.firstTime(place),
      lastTime: scans.lastTime(place),
    };
  }
}
