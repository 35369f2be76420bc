import type { MapBehaviour } from "../kernel/versions/mapping.js";

/** One flush of the data cache: what the series called rb_flush_buffer_page() and rb_flush_meta(). */
export interface Flush {
  /** The series' name for it. */
  readonly piece: "rb_flush_meta" | "rb_flush_buffer_page";
  /** What the kernel calls. */
  readonly call: MapBehaviour["flush"];
  /** Where in the mapping, and how much. */
  readonly mapOffset: number;
  readonly length: number;
  /** The physical index; undefined for the meta page. */
  readonly index: number | undefined;
}

/** rb_update_meta_page() ends in this: PAGE_SIZE bytes of the meta page (a whole folio before 6.12.30). */
export function flushMeta(behaviour: MapBehaviour, pageSize: number): Flush {
  return { piece: "rb_flush_meta", call: behaviour.flush, mapOffset: 0, length: pageSize, index: undefined };
}

/** ring_buffer_map_get_reader() ends in this: the whole reader page, then the meta page. */
export function flushReaderPage(
  behaviour: MapBehaviour,
  metaPageSize: number,
  subbufSize: number,
  index: number,
): Flush {
  const mapOffset = metaPageSize + index * subbufSize;
  return { piece: "rb_flush_buffer_page", call: behaviour.flush, mapOffset, length: subbufSize, index };
}
