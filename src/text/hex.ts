/** Four hex digits of a 16-bit number; each made when it is first asked for. */
const HEX4: (string | undefined)[] = new Array<string | undefined>(65536).fill(undefined);

function hex4(value: number): string {
  let text = HEX4[value];
  if (text === undefined) {
    text = value.toString(16).padStart(4, "0");
    HEX4[value] = text;
  }
  return text;
}

/** Eight hex digits of a 32-bit number. */
export function hex8(value: number): string {
  return hex4(value >>> 16) + hex4(value & 0xffff);
}
