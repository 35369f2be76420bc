import type { Area } from "./area.js";
import type { BufferPage } from "./buffer-page.js";
import type { PageWalk } from "./events.js";

/**
 * What boots on the same image found in the sub-buffers that they left as they are: a column a fact, by place in the area, so
 * that of all kernels the first alone walks them. Only what every kernel finds alike is noted.
 */
export class PageWalks {
  /** Events plus one; 0 is not walked. */
  private events = new Uint32Array(0);
  private steps = new Uint32Array(0);
  private ends = new BigUint64Array(0);

  /** Takes over what was found of a sub-buffer; false where that is not known. */
  find(page: BufferPage, tail: number, walk: PageWalk): boolean {
    const slot = slotOf(page, tail);
    const events = this.events[slot] ?? 0;
    if (events === 0) return false;
    walk.begin();
    walk.reach(tail, events - 1, this.steps[slot]!, this.ends[slot]!);
    return true;
  }

  note(page: BufferPage, tail: number, { plain, events, steps, timeStamp }: PageWalk): void {
    const slot = slotOf(page, tail);
    if (slot < 0 || !plain) return;
    if (this.events.length === 0) this.allocate(page.area);
    this.events[slot] = events + 1;
    this.steps[slot] = steps;
    this.ends[slot] = timeStamp;
  }

  private allocate({ size, pageSize }: Area): void {
    const count = Math.ceil(size / pageSize);
    this.events = new Uint32Array(count);
    this.steps = new Uint32Array(count);
    this.ends = new BigUint64Array(count);
  }
}

/** Below zero where the walk leads out of the sub-buffer, where that was written to, or lies askew. */
function slotOf({ area, offset }: BufferPage, tail: number): number {
  const { pageSize, bytes } = area;
  const isOwn = tail >= 0 && tail <= pageSize - area.headerSize && offset % pageSize === 0;
  return isOwn && bytes.isUntouched(offset, pageSize) ? offset / pageSize : -1;
}
