import type { ModuleRegions } from "./module-regions.js";

const NEWLINE = 10;
const BRACKET = 91;

/**
 * Kallsyms with other addresses: the kernel's own lines moved, then those of modules as they lie now.
 * @param move an address of the kernel
 */
export function movedKallsyms(file: Uint8Array, regions: ModuleRegions, move: (address: bigint) => bigint): Uint8Array {
  const out = Buffer.from(file);
  let digits = 0;
  let end = 0;
  for (let at = 0; at < out.length; ) {
    let next = at;
    while (next < out.length && out[next] !== NEWLINE && out[next] !== BRACKET) next++;
    const ofModule = out[next] === BRACKET;
    while (next < out.length && out[next] !== NEWLINE) next++;
    next = Math.min(next + 1, out.length);
    // Lines of modules are taken out.
    if (!ofModule) {
      const blank = out.indexOf(32, at);
      const text = out.toString("latin1", at, Math.max(at, blank));
      if (/^[0-9a-fA-F]{8,16}$/.test(text)) {
        digits = text.length;
        out.write(
          move(BigInt(`0x${text}`))
            .toString(16)
            .padStart(digits, "0"),
          at,
          digits,
          "latin1",
        );
      }
      out.copyWithin(end, at, next);
      end += next - at;
    }
    at = next;
  }
  return Buffer.concat([out.subarray(0, end), Buffer.from([...regions.lines(digits)].join(""), "latin1")]);
}
