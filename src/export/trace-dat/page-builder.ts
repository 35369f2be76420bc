import type { TraceEvent } from "../../events/event.js";
import { type Abi, subbufHeaderSize } from "../../ground/abi.js";
import { TYPE_TIME_EXTEND } from "../../ring/records.js";
import { writePageHeader } from "./page-header.js";

const DELTA_BITS = 27;
const MAX_DELTA = 2 ** DELTA_BITS;
/** A time extend holds 27 + 32 bits; a plain number is exact up to 53. */
const MAX_EXTEND = Number.MAX_SAFE_INTEGER;
const EXTEND_SIZE = 8;

/** Puts events of one CPU into pages, as a writer would have done that saw only these. */
export class PageBuilder {
  private page: Buffer | undefined;
  private view: DataView;
  private at = 0;
  /** Where data must end: a stored count of lost events needs room behind it. */
  private end = 0;
  /** Of the last event in the page. */
  private t = 0;
  private lost = 0;
  private time = 0n;
  private readonly headerSize: number;

  /** @param full takes a page that is finished */
  constructor(
    private readonly abi: Abi,
    private readonly pageSize: number,
    private readonly full: (page: Buffer) => void,
  ) {
    this.headerSize = subbufHeaderSize(abi);
    this.view = new DataView(new ArrayBuffer(0));
  }

  add(event: TraceEvent): void {
    const length = event.data + event.dataSize - event.record;
    let delta = event.t - this.t;
    if (this.page !== undefined) {
      const extended = delta >= MAX_DELTA ? EXTEND_SIZE : 0;
      const fits = this.at + length + extended <= this.end;
      // A page tells of losses before it alone, and only its first time can be less than the one before.
      if (!fits || event.lost !== 0 || delta < 0 || delta > MAX_EXTEND) this.finish();
    }
    if (this.page === undefined) {
      this.begin(event);
      delta = 0;
    }
    if (delta >= MAX_DELTA) {
      const low = delta % MAX_DELTA;
      this.word(TYPE_TIME_EXTEND, low);
      this.view.setUint32(this.at + 4, (delta - low) / MAX_DELTA, this.abi.littleEndian);
      this.at += EXTEND_SIZE;
      delta = 0;
    }
    const { littleEndian } = this.abi;
    const first = event.view.getUint32(event.record, littleEndian);
    this.word(littleEndian ? first & 31 : first >>> DELTA_BITS, delta);
    const { buffer, byteOffset } = event.view;
    this.page!.set(new Uint8Array(buffer, byteOffset + event.record + 4, length - 4), this.at + 4);
    this.at += length;
    this.t = event.t;
  }

  /** Hands on the page that has been begun, if any. */
  finish(): void {
    const { page } = this;
    if (page === undefined) return;
    writePageHeader(page, this.abi, {
      time: this.time,
      size: this.at - this.headerSize,
      missed: this.lost !== 0,
      missedCount: this.lost > 0 ? this.lost : undefined,
    });
    this.page = undefined;
    this.full(page);
  }

  private begin(event: TraceEvent): void {
    this.page = Buffer.alloc(this.pageSize);
    this.view = new DataView(this.page.buffer, this.page.byteOffset, this.page.length);
    this.at = this.headerSize;
    this.lost = event.lost;
    this.end = this.pageSize;
    this.time = event.exactTime();
  }

  private word(typeLen: number, delta: number): void {
    const { littleEndian } = this.abi;
    const word = littleEndian ? typeLen + delta * 32 : typeLen * MAX_DELTA + delta;
    this.view.setUint32(this.at, word, littleEndian);
  }
}
