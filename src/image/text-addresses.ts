import { RING_BUFFER_META_V1, type StructRead } from "../ring/structs.js";
import type { CpuMetaRead } from "./cpu-meta.js";
import type { Layout } from "./detect/layout-kinds.js";

/** Two addresses of the writing kernel that 6.12 to 6.14 keep in every CPU's meta (rb_meta_init(), ring_buffer.c). */
export interface TextAddresses {
  readonly text: bigint;
  readonly data: bigint;
}

/** text_addr and data_addr as most CPUs have them; undefined where the layout has none, or none is set. */
export function textAddressesOf(layout: Layout, metas: readonly CpuMetaRead[]): TextAddresses | undefined {
  if (layout.cpuMeta !== RING_BUFFER_META_V1) return undefined;
  const counts = new Map<string, TextAddresses & { count: number }>();
  for (const meta of metas) {
    if (!meta) continue;
    const { text_addr: text, data_addr: data } = (meta as unknown as StructRead<typeof RING_BUFFER_META_V1>).values;
    if (text === 0n || data === 0n) continue;
    const key = `${text}/${data}`;
    const entry = counts.get(key) ?? { text, data, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  let best: (TextAddresses & { count: number }) | undefined;
  for (const entry of counts.values()) if (entry.count > (best?.count ?? 0)) best = entry;
  return best && { text: best.text, data: best.data };
}
