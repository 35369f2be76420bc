import type { CpuArea } from "../image/cpu-area.js";

/** Where a sub-buffer stands by the writer's pointers. */
export const ROLES = ["consumed", "reader", "unread"] as const;
export type Role = (typeof ROLES)[number];

/** A CPU's sub-buffers from the oldest to the newest. */
export interface WriterOrder {
  /** bpage->id: positions in buffers[]. */
  readonly ids: Int32Array;
  /** Of the same places, by their number in ROLES. */
  readonly roles: Uint8Array;
  /** The id of the page that the writer was on: it may end anywhere. */
  readonly commit: number | undefined;
}

/**
 * A CPU's sub-buffers from the oldest to the newest, by buffers[], head and commit: pages that were consumed and not
 * written since, the reader page, the unread ones. A consumed page is swapped into the ring right behind the head, so
 * the oldest of them stands right before the writer (rb_get_reader_page(), kernel/trace/ring_buffer.c 6.12 to 7.3).
 */
export function writerOrder(cpu: CpuArea): WriterOrder {
  const last = cpu.nrSubbufs - 1;
  const next = (id: number): number => (id === last ? 1 : id + 1);
  const live = new Uint8Array(cpu.nrSubbufs);
  for (const id of cpu.live) live[id] = 1;
  const head = cpu.head && cpu.head.id > 0 ? cpu.head.id : cpu.live.find((id) => id > 0);
  const commit = cpu.commit?.id ?? cpu.live.at(-1);
  const ids = new Int32Array(cpu.nrSubbufs);
  const roles = new Uint8Array(cpu.nrSubbufs);
  let count = 0;
  const place = (id: number, role: Role): void => {
    ids[count] = id;
    roles[count++] = ROLES.indexOf(role);
  };
  if (commit === 0 || head === undefined) {
    // The writer is on the reader page: the whole ring was read.
    for (let step = 0, id = head ?? 1; step < last; step++, id = next(id)) place(id, "consumed");
    place(0, "reader");
    return { ids, roles, commit };
  }
  for (let step = 0, id = next(commit ?? last); step < last && id !== head; step++, id = next(id))
    place(id, "consumed");
  place(0, "reader");
  for (let step = 0, id = head; count < cpu.nrSubbufs && step < last; step++, id = next(id)) {
    place(id, live[id] === 1 ? "unread" : "consumed");
    if (id === commit) break;
  }
  return { ids: ids.subarray(0, count), roles: roles.subarray(0, count), commit };
}
