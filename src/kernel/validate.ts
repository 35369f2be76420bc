import type { CpuBuffer } from "./cpu-buffer.js";
import type { TraceBuffer } from "./trace-buffer.js";
import { validateDropping } from "./validate-dropping.js";
import { validateEmptying } from "./validate-emptying.js";

/** rb_meta_validate_events() (ring_buffer.c): a CPU's events, in the way of this kernel. */
export function rbMetaValidateEvents(buffer: TraceBuffer, cpuBuffer: CpuBuffer): void {
  if (cpuBuffer.meta.headBuffer === 0n) return;
  if (buffer.behaviour.invalidPage === "drops-page") validateDropping(buffer, cpuBuffer);
  else validateEmptying(buffer, cpuBuffer);
}
