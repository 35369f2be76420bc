import type { CpuArea } from "../../image/cpu-area.js";

/** Where a sub-buffer stands in the order that the writer filled them. */
export type Role = "consumed" | "reader" | "unread" | "unlisted";

export interface Placed {
  readonly index: number;
  /** bpage->id, -1 where buffers[] does not name it. */
  readonly id: number;
  readonly role: Role;
  /** The page that the writer was on: it may end anywhere. */
  readonly isCommit: boolean;
}

/**
 * A CPU's sub-buffers from the oldest to the newest, by buffers[], head and commit: pages that were consumed and not
 * written since, the reader page, the unread ones. A consumed page is swapped into the ring right behind the head, so
 * the oldest of them stands right before the writer.
 */
export function writerOrder(cpu: CpuArea): Placed[] {
  const last = cpu.nrSubbufs - 1;
  const next = (id: number): number => (id === last ? 1 : id + 1);
  const live = new Set(cpu.live);
  const listed: { id: number; role: Role }[] = [];
  const head = cpu.head && cpu.head.id > 0 ? cpu.head.id : cpu.live.find((id) => id > 0);
  const commit = cpu.commit && cpu.commit.id >= 0 ? cpu.commit.id : cpu.live.at(-1);
  const reader = { id: 0, role: "reader" as Role };
  if (commit === 0 || head === undefined) {
    // The writer is on the reader page: the whole ring was read.
    for (let step = 0, id = head ?? 1; step < last; step++, id = next(id)) listed.push({ id, role: "consumed" });
    listed.push(reader);
  } else {
    const start = next(commit ?? last);
    for (let step = 0, id = start; step < last && id !== head; step++, id = next(id))
      listed.push({ id, role: "consumed" });
    listed.push(reader);
    for (let step = 0, id = head; step < last; step++, id = next(id)) {
      listed.push({ id, role: live.has(id) ? "unread" : "consumed" });
      if (id === commit) break;
    }
  }
  const seen = new Set<number>();
  const placed: Placed[] = [];
  for (const { id, role } of listed) {
    const index = cpu.indexById[id] ?? -1;
    if (index < 0 || seen.has(index)) continue;
    seen.add(index);
    placed.push({ index, id, role, isCommit: id === commit });
  }
  for (let index = 0; index < cpu.nrSubbufs; index++)
    if (!seen.has(index)) placed.push({ index, id: -1, role: "unlisted", isCommit: false });
  return placed;
}
