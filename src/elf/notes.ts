import { alignUp } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";

export interface Note {
  readonly owner: string;
  readonly type: number;
  readonly description: Uint8Array;
}

/** Notes, one behind another (namesz, descsz, type, name, description; both padded to 4). Stops where none fits. */
export function* notes(bytes: Bytes): Generator<Note> {
  for (let at = 0; at + 12 <= bytes.length; ) {
    const nameSize = bytes.u32(at);
    const size = bytes.u32(at + 4);
    const type = bytes.u32(at + 8);
    const description = at + 12 + alignUp(nameSize, 4);
    if (description + size > bytes.length) return;
    const name = bytes.u8.subarray(at + 12, at + 12 + nameSize);
    yield {
      owner: String.fromCharCode(...name.subarray(0, Math.min(32, nameSize))).replace(/\0.*$/s, ""),
      type,
      description: bytes.u8.subarray(description, description + size),
    };
    at = description + alignUp(size, 4);
  }
}
