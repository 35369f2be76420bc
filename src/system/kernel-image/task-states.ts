import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

/** As many as a byte can name. */
const STATES = 256;
/** task_index_to_char()'s string (include/linux/sched.h): each file that calls it has its own. */
const STRING = /^state_char(\.\d+)?$/;
/** A table of kernel/trace/trace_output.c, which the compilers put right behind that file's string. */
const NEIGHBOUR = "mark";

/**
 * What trace_output.c's task_index_to_char() finds, one character for each number of a state: those that have one, and what
 * lies behind the string in this build. Undefined where no symbol leads there.
 */
export function taskStates(memory: KernelMemory, symbols: ImageSymbols): string | undefined {
  const neighbour = symbols.addressOf(NEIGHBOUR);
  if (neighbour === undefined) return undefined;
  for (let i = symbols.firstAt(neighbour) - 1; i >= 0; i--) {
    const address = symbols.address(i);
    if (neighbour - address >= BigInt(STATES)) return undefined;
    if (!STRING.test(symbols.name(i))) continue;
    const place = memory.placeOf(address);
    return memory.has(place, STATES) ? memory.latin1(place, place + STATES) : undefined;
  }
  return undefined;
}
