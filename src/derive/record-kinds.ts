import { type Image, subbufBytes } from "../image/image.js";
import { readingOf } from "../reading/reading.js";
import { RecordCursor, RecordKind } from "../ring/records.js";
import { TRACE_ENTRY_SIZE } from "../ring/structs.js";

/** What records say of the kernel that wrote them, before anything is known of it. */
export interface RecordKinds {
  /** By the number of their event: how often each size of data occurs. */
  readonly sizes: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** Addresses that function records begin with. */
  readonly functions: ReadonlySet<bigint>;
}

/** Larger ones are of damage, and would cost memory. */
const MAX_SIZE = 65536;
/** TRACE_FN, whose first field is the function (struct ftrace_entry). */
const FUNCTION = 1;
const MAX_FUNCTIONS = 4096;

/** Goes over every believed record of an image, the consumed ones too. */
export function recordKinds(image: Image): RecordKinds {
  const sizes = new Map<number, Map<number, number>>();
  const functions = new Set<bigint>();
  const { littleEndian, longSize } = image.layout.abi;
  for (const { cpu, subbufs } of readingOf(image).cpus) {
    for (const { index, believed, records } of subbufs) {
      if (!believed) continue;
      const bytes = subbufBytes(image, cpu, index);
      const cursor = new RecordCursor(bytes.view, littleEndian);
      cursor.open(image.subbufs.headerSize, records.end, 0, 0);
      while (cursor.next()) {
        const { kind, dataOffset, dataLength } = cursor;
        if (kind !== RecordKind.Data || dataLength < 4 || dataLength > MAX_SIZE) continue;
        const id = bytes.view.getUint16(dataOffset, littleEndian);
        count(sizes, id, dataLength);
        if (id === FUNCTION && dataLength >= TRACE_ENTRY_SIZE + longSize && functions.size < MAX_FUNCTIONS)
          functions.add(bytes.long(dataOffset + TRACE_ENTRY_SIZE));
      }
    }
  }
  return { sizes, functions };
}

function count(sizes: Map<number, Map<number, number>>, id: number, size: number): void {
  let ofId = sizes.get(id);
  if (ofId === undefined) {
    ofId = new Map();
    sizes.set(id, ofId);
  }
  ofId.set(size, (ofId.get(size) ?? 0) + 1);
}
