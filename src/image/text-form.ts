/**
 * Text that stands for bytes, told by its beginning: what it is, and the command that makes bytes of it. Undefined where it is
 * nothing of the kind.
 * @param text its first bytes, one character a byte
 * @param file as a shell takes it
 */
export function describeText(text: string, file: string): string | undefined {
  if (/[^\t\n\r\x20-\x7e]/.test(text)) return undefined;
  const lines = text.split(/\r?\n/);
  if (/^:[0-9A-Fa-f]{10,}$/.test(lines[0]!)) return madeBy("Intel HEX", `objcopy -I ihex -O binary ${file} dump.bin`);
  if (/^S[0-9][0-9A-Fa-f]{6,}$/.test(lines[0]!))
    return madeBy("S-records", `objcopy -I srec -O binary ${file} dump.bin`);
  return describeListing(lines, file) ?? describeDigits(text, file) ?? "this is text, not the raw memory";
}

const madeBy = (what: string, command: string): string =>
  `this is ${what}, not the bytes themselves: run \`${command}\``;

/** Lines of an address and the bytes there, as hexdump, xxd, od, gdb and boot loaders print them. */
const LISTED = /^(?:0x)?([0-9a-f]{4,16})(:?)\s+(?:0x)?([0-9a-f]+)\b/i;

function describeListing(lines: readonly string[], file: string): string | undefined {
  const first = LISTED.exec(lines[0]!);
  const second = LISTED.exec(lines[1] ?? "");
  if (first === null || second === null) return undefined;
  const [, address, colon, token] = first;
  if (/^0+$/.test(address!) && /^0+20$/.test(second[1]!) && token!.length === 6)
    return "this is an octal listing, not the bytes themselves: save those, or print them with `od -v -A x -t x1`";
  const step = Number(BigInt(`0x${second[1]}`) - BigInt(`0x${address}`));
  if (step !== 8 && step !== 16 && step !== 32) return undefined;
  if (lines.includes("*"))
    return "this is a hex listing that leaves out equal lines (`*`): save the bytes themselves, or print every line (`hexdump -vC`)";
  if (token!.length === 4 && colon === ":" && /^0+$/.test(address!))
    return madeBy("a hex listing", `xxd -r ${file} > dump.bin`);
  // Neither the address nor the characters at the end are bytes.
  const columns = `awk '{for (i = 2; i < ${2 + (step * 2) / token!.length}; i++) print $i}' ${file}`;
  const bare = /\s0x/.test(lines[0]!) ? " | sed s/0x//" : "";
  return madeBy("a hex listing", `${columns}${bare} | xxd -r -p > dump.bin`);
}

/** So many digits are no accident. */
const FEWEST = 64;

function describeDigits(text: string, file: string): string | undefined {
  // A last line that is cut tells nothing.
  const digits = text.replace(/\s/g, "");
  if (digits.length < FEWEST) return undefined;
  if (/^[0-9a-fA-F]+$/.test(digits)) return madeBy("hex text", `xxd -r -p ${file} > dump.bin`);
  // Of 64 letters bytes use nearly all, with capitals and digits among them; words do not.
  if (/^[A-Za-z0-9+/]+=*$/.test(digits) && /[A-Z]/.test(digits) && /[0-9+/]/.test(digits))
    return madeBy("base64 text", `base64 -d ${file} > dump.bin`);
  return undefined;
}
