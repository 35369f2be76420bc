import type { KernelText } from "../symbols/kernel-text.js";
import type { KernelMemory } from "./memory.js";
import type { PlacedRegion } from "./placed-data.js";
import type { ImageSymbols } from "./symbols.js";
import { taskStates } from "./task-states.js";
import { isTextByte, MAX_CONSTANT_TEXT } from "./text-bytes.js";

/**
 * Constants of a kernel as text: what lies in .rodata. What the kernel writes while it runs is not what the file has,
 * so nothing else is believed.
 */
export function constantText(
  memory: KernelMemory,
  symbols: ImageSymbols | undefined,
  modules: readonly PlacedRegion[] = [],
): KernelText | undefined {
  if (symbols === undefined) return undefined;
  const start = symbols.addressOf("__start_rodata");
  const end = symbols.addressOf("__end_rodata");
  const linkedAt = symbols.addressOf("_text") ?? symbols.addressOf("_stext");
  if (start === undefined || end === undefined || linkedAt === undefined) return undefined;
  return {
    linkedAt,
    moduleTextAt(at) {
      const found = modules.find(({ address, region }) => at >= address && at < address + BigInt(region.size));
      return found?.region.textAt(Number(at - found.address));
    },
    textAt(address) {
      if (address < start || address >= end) return undefined;
      const place = memory.placeOf(address);
      const textEnd = memory.textEnd(place);
      if (textEnd < 0 || textEnd - place > MAX_CONSTANT_TEXT) return undefined;
      return memory.bytes.subarray(place, textEnd).every(isTextByte) ? memory.latin1(place, textEnd) : undefined;
    },
    get taskStates() {
      return taskStates(memory, symbols);
    },
  };
}
