import { gunzipSync } from "node:zlib";
import type { KernelMemory } from "./memory.js";

/** In front of the packed .config (CONFIG_IKCONFIG, kernel/configs.c). */
const START = "IKCFG_ST";
/** Packed it has 40 KB, unpacked 300 KB. */
const MAX_PACKED = 1024 * 1024;
const MAX_CONFIG = 16 * 1024 * 1024;

/** CONFIG_HZ of a kernel that has its configuration built in. */
export function configuredHz(memory: KernelMemory): number | undefined {
  for (const at of memory.find(START)) {
    const packed = memory.bytes.subarray(at + START.length, at + START.length + MAX_PACKED);
    if (packed[0] !== 0x1f || packed[1] !== 0x8b) continue;
    const end = Buffer.from(packed.buffer, packed.byteOffset, packed.length).indexOf("IKCFG_ED");
    const hz = hzOf(end < 0 ? packed : packed.subarray(0, end));
    if (hz !== undefined) return hz;
  }
  return undefined;
}

function hzOf(packed: Uint8Array): number | undefined {
  try {
    const config = gunzipSync(packed, { maxOutputLength: MAX_CONFIG }).toString("latin1");
    return Number(/^CONFIG_HZ=([1-9]\d{0,4})$/m.exec(config)?.[1]) || undefined;
  } catch {
    // Damaged, or not what it looks like.
    return undefined;
  }
}
