import type { KernelText } from "../symbols/kernel-text.js";
import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

/** Longer ones are no names or messages. */
const MAX_TEXT = 1024;
/** What a message or a name is made of. */
const PRINTABLE = /^[\t\n\x20-\x7e]*$/;

/**
 * Constants of a kernel as text: what lies in .rodata. What the kernel writes while it runs is not what the file has,
 * so nothing else is believed.
 */
export function constantText(memory: KernelMemory, symbols: ImageSymbols | undefined): KernelText | undefined {
  const start = symbols?.addressOf("__start_rodata");
  const end = symbols?.addressOf("__end_rodata");
  const linkedAt = symbols?.addressOf("_text") ?? symbols?.addressOf("_stext");
  if (start === undefined || end === undefined || linkedAt === undefined) return undefined;
  return {
    linkedAt,
    textAt(address) {
      if (address < start || address >= end) return undefined;
      const place = memory.placeOf(address);
      const textEnd = memory.textEnd(place);
      if (textEnd < 0 || textEnd - place > MAX_TEXT) return undefined;
      const text = memory.latin1(place, textEnd);
      return PRINTABLE.test(text) ? text : undefined;
    },
  };
}
