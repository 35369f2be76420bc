import type { Bytes } from "../ground/bytes.js";
import type { TraceEvent } from "./event.js";
import { exactTime } from "./exact-time.js";
import { type EventPage, NO_PAGE } from "./page.js";
import type { WriterDoubts } from "./writer-doubts.js";

/** Where an event is, as long as somebody wants to know: less to keep than the event. */
export class KeptPlace {
  cpu = 0;
  record = 0;
  /** As the stream had it: its memory may hold another by now. */
  private from: EventPage = NO_PAGE;
  private stays: EventPage | undefined = NO_PAGE;

  takePlace(event: TraceEvent): void {
    this.cpu = event.cpu;
    this.record = event.record;
    if (event instanceof KeptPlace) {
      this.from = event.from;
      this.stays = event.stays;
    } else {
      this.from = event.page;
      this.stays = undefined;
    }
  }

  get page(): EventPage {
    this.stays ??= this.from.again?.(this.from.position) ?? this.from;
    return this.stays;
  }

  get offset(): number {
    return this.from.bytes.offset + this.record;
  }

  exactTime(): bigint {
    return exactTime(this.page, this.record);
  }
}

/** An event that stays what it is while the stream goes on. It can be used again for another: nothing is allocated. */
export class KeptEvent extends KeptPlace implements TraceEvent {
  position = -1;
  t = 0;
  type = -1;
  pid = 0;
  flags = 0;
  preemptCount = 0;
  lost = 0;
  data = 0;
  dataSize = 0;
  entSize = 0;
  uncertain: WriterDoubts | undefined;

  static of(event: TraceEvent): KeptEvent {
    return new KeptEvent().take(event);
  }

  /** Becomes a copy of the event. */
  take(event: TraceEvent): this {
    this.takePlace(event);
    this.position = event.position;
    this.t = event.t;
    this.type = event.type;
    this.pid = event.pid;
    this.flags = event.flags;
    this.preemptCount = event.preemptCount;
    this.lost = event.lost;
    this.data = event.data;
    this.dataSize = event.dataSize;
    this.entSize = event.entSize;
    this.uncertain = event.uncertain;
    return this;
  }

  get bytes(): Bytes {
    return this.page.bytes;
  }

  get view(): DataView {
    return this.bytes.view;
  }
}
