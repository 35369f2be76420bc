/** Lines of kallsyms for modules, with addresses of so many digits. */
interface ModuleLines {
  lines(digits: number): Iterable<string>;
}

const NEWLINE = 10;
const BRACKET = 91;

/** Letter of a symbol that is no address: with x86's KASLR these are per-CPU ones, up to 6.14 (kallsyms_sym_address()). */
const ABSOLUTE = "A";

/**
 * Kallsyms with other addresses: the kernel's own lines moved, those before _text and behind _end, too; then those of modules as
 * they lie now.
 */
export function movedKallsyms(file: Uint8Array, modules: ModuleLines, delta: bigint): Uint8Array {
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
        if (out[blank + 1] !== ABSOLUTE.charCodeAt(0)) {
          const moved = BigInt.asUintN(64, BigInt(`0x${text}`) + delta);
          out.write(moved.toString(16).padStart(digits, "0"), at, digits, "latin1");
        }
      }
      out.copyWithin(end, at, next);
      end += next - at;
    }
    at = next;
  }
  return Buffer.concat([out.subarray(0, end), Buffer.from([...modules.lines(digits)].join(""), "latin1")]);
}
