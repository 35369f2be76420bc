import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufBytes } from "../../image/image.js";
import { examine } from "../examine.js";
import type { Candidate } from "../subbuf-reading.js";
import { isCandidate, isDated } from "./candidates.js";
import { TimeOrder } from "./time-order.js";
import { isFarFrom } from "./trusted.js";

/**
 * Sub-buffers behind the head, or past the commit page, that are newer than the reader page. A reader takes them one
 * after another and holds the last (rb_get_reader_page()), so nobody took these: the head or the commit is wrong. They are
 * looked at again, as unread ones are: what is damaged in one may be read all the same.
 * @param pages in the writer's order
 */
export function withUntaken(
  image: Image,
  cpu: CpuArea,
  pages: readonly Candidate[],
  trusted: readonly Candidate[],
): readonly Candidate[] {
  if (trusted.length === 0) return trusted;
  const since = untakenSince(pages, trusted);
  let order: TimeOrder | undefined;
  for (const page of pages) {
    if (!isDated(page) || page.time < since) continue;
    order ??= new TimeOrder(trusted);
    const { before, after } = order.around(page.time);
    if ((before && before.end > page.time) || (after && page.end > after.time)) continue;
    // Behind the last of all, one with nothing committed is where the writer had only begun.
    if (after === undefined && (page.header.size === 0 || isFarFrom(order, page.time))) continue;
    examine(image.subbufs, subbufBytes(image, cpu, page.index), page, "unread");
    if (!isCandidate(page)) continue;
    page.mend("order-from-time");
    order.insert(page);
  }
  return order?.pages() ?? trusted;
}

/**
 * From when on no reader took any. Where the reader page lost its time, and its records took longer than there is time in front
 * of the head, it stands further back: behind what a reader zeroed, as it does with all that it takes or with none (6.12 to 6.16,
 * 7.2 on); else behind the last sub-buffer that leaves it room.
 */
function untakenSince(pages: readonly Candidate[], trusted: readonly Candidate[]): bigint {
  const first = trusted[0]!;
  const place = pages.findIndex(({ role }) => role === "reader");
  const reader = pages[place];
  if (!reader || !isCandidate(reader) || reader.torn || trusted.includes(reader)) return first.end;
  const elapsed = reader.end - reader.time;
  let next = first;
  let roomy: Candidate | undefined;
  for (let i = place - 1; i >= 0 && roomy !== first; i--) {
    const page = pages[i]!;
    const isZeroed = page.header.size === 0;
    if (isZeroed || !isDated(page)) {
      if (roomy === undefined || (isZeroed && isCandidate(page))) roomy = next;
      break;
    }
    if (page.time >= next.time) continue;
    // Of one that breaks off nobody knows how far it went.
    const breaksOff = page.evidence === "no-records" || page.repairs.includes("cut-at-damage");
    if (!breaksOff && next.time - page.end >= elapsed) roomy ??= next;
    next = page;
  }
  return roomy === undefined || roomy === first ? first.end : roomy.time;
}
