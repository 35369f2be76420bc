import { rbFixAbsTs, TYPE_PADDING, TYPE_TIME_EXTEND, TYPE_TIME_STAMP } from "../ring/records.js";
import type { EventPage } from "./page.js";

/** The time of the record that begins at `record` in a page's window, to the last bit: walks the page up to it. */
export function exactTime(page: EventPage, record: number): bigint {
  const { view, abi } = page.bytes;
  const { littleEndian } = abi;
  let time = (BigInt(page.timeHi) << 32n) | BigInt(page.timeLo);
  for (let at = page.start; at <= record; ) {
    const word = view.getUint32(at, littleEndian);
    const typeLen = littleEndian ? word & 31 : word >>> 27;
    const timeDelta = littleEndian ? word >>> 5 : word & 0x7ffffff;
    if (typeLen > 0 && typeLen < TYPE_PADDING) {
      time += BigInt(timeDelta);
      at += typeLen * 4 + 4;
      continue;
    }
    const second = view.getUint32(at + 4, littleEndian);
    if (typeLen === TYPE_TIME_EXTEND) time += BigInt(timeDelta) + (BigInt(second) << 27n);
    else if (typeLen === TYPE_TIME_STAMP)
      time = rbFixAbsTs((BigInt(second) << 27n) | BigInt(timeDelta), BigInt.asUintN(64, time));
    else if (typeLen === 0) time += BigInt(timeDelta);
    at += typeLen >= TYPE_TIME_EXTEND ? 8 : second + 4;
  }
  return BigInt.asUintN(64, time);
}
