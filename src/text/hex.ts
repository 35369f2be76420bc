import { Texts16 } from "./texts-16.js";

/** Four hex digits. */
const HEX4 = new Texts16((value) => value.toString(16).padStart(4, "0"));

/** Eight hex digits of a 32-bit number. */
export function hex8(value: number): string {
  return HEX4.at(value >>> 16) + HEX4.at(value & 0xffff);
}
