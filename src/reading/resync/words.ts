/** Bytes of a cache line: memory that was not written back is lost by lines. */
export const LINE = 64;

/** The line that an offset lies in. Pages are aligned, so a view of one is in step with the lines. */
export function lineOf(offset: number): number {
  return Math.floor(offset / LINE);
}

/** Where the line behind the one that an offset lies in begins. */
export function nextLine(offset: number): number {
  return (lineOf(offset) + 1) * LINE;
}

/** A page's words. */
export interface Words {
  readonly view: DataView;
  readonly littleEndian: boolean;
}

/** Whether there are zeros alone, as far as the view goes; both ends are multiples of 4. */
export function isZero(view: DataView, start: number, end: number): boolean {
  const last = Math.min(end, view.byteLength) - 3;
  for (let at = start; at < last; at += 4) if (view.getUint32(at) !== 0) return false;
  return true;
}
