import { layoutOf, TRACE_MOD_ENTRY_SIZE, TRACE_SCRATCH } from "../ring/structs.js";
import { rbResetCpu } from "./reset.js";
import type { TraceBuffer } from "./trace-buffer.js";

/** setup_trace_scratch() (trace.c, 6.16 to 7.3): module entries are checked and sorted, the trace clock put back. */
export function setupTraceScratch(buffer: TraceBuffer, onlineCpus: readonly number[], nrClocks: number): void {
  if (!buffer.behaviour.restoresClock) return;
  const { area, place } = buffer;
  const { offsets, size: headerSize } = layoutOf(TRACE_SCRATCH, area.abi);
  const start = place.globalSize;
  const entries = start + headerSize;
  const reset = (): void => void area.bytes.zero(start, place.buffersOffset);

  const nrEntries = area.long(start + offsets.nr_entries);
  if (BigInt(headerSize) + nrEntries * BigInt(TRACE_MOD_ENTRY_SIZE) > BigInt(place.scratchSize)) {
    const message = `the scratch area claims ${nrEntries} modules: more than it has room for`;
    buffer.found({ code: "scratch-invalid", offset: start + offsets.nr_entries, message });
    reset();
    return;
  }
  const count = Number(nrEntries);
  for (let i = 0; i < count; i++) {
    const at = entries + i * TRACE_MOD_ENTRY_SIZE;
    if (!isName(area.bytes.read(at, TRACE_MOD_ENTRY_SIZE).subarray(area.abi.longSize))) {
      const message = `the name of module entry ${i} is not a printable string`;
      buffer.found({ code: "scratch-invalid", offset: at, message });
      reset();
      return;
    }
  }
  sortEntries(buffer, entries, count);

  const clock = area.u32(start + offsets.clock_id);
  if (clock === 0) return;
  if (clock >= nrClocks) {
    buffer.say("the previous trace_clock info is not valid.");
    const message = `the scratch area names trace clock ${clock}: this kernel has ${nrClocks}`;
    buffer.found({ code: "clock-invalid", offset: start + offsets.clock_id, message });
    reset();
    return;
  }
  // tracing_set_clock() -> ring_buffer_reset_online_cpus(): whoever is up already loses its events.
  for (const cpuBuffer of buffer.cpus) {
    if (!onlineCpus.includes(cpuBuffer.cpu)) continue;
    const { cpu } = cpuBuffer;
    if (cpuBuffer.entries > 0 && !buffer.emptiedReasons.has(cpu)) buffer.emptiedReasons.set(cpu, "clock-restored");
    rbResetCpu(buffer, cpuBuffer);
    const message = `the scratch area names trace clock ${clock}: setting it empties CPU ${cpu}, which is up by then; the kernel prints nothing about it`;
    buffer.found({ code: "clock-restored", cpu, offset: start + offsets.clock_id, message });
  }
}

/** A NUL within the field, and only printable bytes before it (isprint() of lib/ctype.c: Latin-1). */
function isName(field: Uint8Array): boolean {
  for (const c of field) {
    if (c === 0) return true;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  }
  return false;
}

/** sort_r() by mod_addr. The comparison never says equal, so the order of equal addresses is that of the heap sort. */
function sortEntries(buffer: TraceBuffer, start: number, count: number): void {
  const { area } = buffer;
  const order = Array.from({ length: count }, (_, i) => i);
  const address = order.map((i) => area.long(start + i * TRACE_MOD_ENTRY_SIZE));
  kernelHeapSort(order, (a, b) => (address[a]! > address[b]! ? 1 : -1));
  const old = area.bytes.read(start, count * TRACE_MOD_ENTRY_SIZE).slice();
  order.forEach((from, to) => {
    const entry = old.subarray(from * TRACE_MOD_ENTRY_SIZE, (from + 1) * TRACE_MOD_ENTRY_SIZE);
    area.bytes.write(start + to * TRACE_MOD_ENTRY_SIZE, entry);
  });
}

/** The kernel's sort is a bottom-up heap sort that takes the two largest at a time (lib/sort.c). */
function kernelHeapSort(list: number[], compare: (a: number, b: number) => number): void {
  const swap = (a: number, b: number): void => {
    const kept = list[a]!;
    list[a] = list[b]!;
    list[b] = kept;
  };
  const at = (a: number, b: number): number => compare(list[a]!, list[b]!);
  let size = list.length;
  let root = Math.floor(size / 2);
  let second = 0;
  if (root === 0) return;
  for (;;) {
    if (root > 0) {
      root -= 1 << second;
    } else if (size > 3) {
      swap(0, --size);
      second = at(1, 2) <= 0 ? 1 : 0;
      root = 1 << second;
      swap(root, --size);
    } else {
      break;
    }
    let place = root;
    let left = 2 * place + 1;
    while (left + 1 < size) {
      place = at(left, left + 1) > 0 ? left : left + 1;
      left = 2 * place + 1;
    }
    if (left + 1 === size) place = left;
    while (place !== root && at(root, place) >= 0) place = (place - 1) >> 1;
    const belongs = place;
    while (place !== root) {
      place = (place - 1) >> 1;
      swap(place, belongs);
    }
  }
  swap(0, --size);
  if (size === 2 && at(0, 1) > 0) swap(0, 1);
}
