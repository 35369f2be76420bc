import type { Source } from "../../input/source.js";
import type { SubbufReading } from "../../reading/subbuf-reading.js";
import type { CpuSubbufs, Trace } from "../../trace/trace.js";
import { Shortfalls } from "../shortfalls.js";
import type { PageData } from "./page-data.js";
import { writePageHeader } from "./page-header.js";
import { Survey } from "./survey.js";

/** What is read and written at once: about as much as a processor's cache holds. */
const PIECE = 1024 * 1024;

/** The image's own sub-buffers, without what its kernel left in the commit word's other bits and behind the data. */
export function copiedPages(trace: Trace, cpus: readonly CpuSubbufs[]): PageData {
  const { source, layout } = trace.image;
  const pageSize = layout.geometry.subbufSize;
  const perPiece = Math.max(1, Math.floor(PIECE / pageSize));
  let survey: Survey | undefined;
  return {
    pageSize,
    buffers: [{ name: "", cpus: cpus.map(({ cpu, subbufs }) => ({ cpu, pages: subbufs.length })) }],
    events: trace.entries(),
    shortfalls: new Shortfalls(),
    get survey() {
      survey ??= new Survey(trace).walk();
      return survey;
    },
    *pieces() {
      const walked = new Survey(trace);
      const memories = [new Uint8Array(perPiece * pageSize), new Uint8Array(perPiece * pageSize)] as const;
      let turn: 0 | 1 = 0;
      for (const { subbufs } of cpus)
        for (let from = 0; from < subbufs.length; from += perPiece) {
          const some = subbufs.slice(from, from + perPiece);
          turn = turn === 0 ? 1 : 0;
          const piece = memories[turn].subarray(0, some.length * pageSize);
          readSubbufs(source, some, piece, pageSize);
          walked.lookInto(new DataView(piece.buffer, 0, piece.length));
          some.forEach((subbuf, i) => {
            walked.subbuf(i * pageSize, i * pageSize + subbuf.records.end);
            clean(trace, subbuf, piece, i * pageSize);
          });
          yield piece;
        }
      survey ??= walked;
    },
  };
}

/** Neighbours in the image are read at once; what the image lacks is zeros. */
function readSubbufs(source: Source, subbufs: readonly SubbufReading[], into: Uint8Array, pageSize: number): void {
  for (let i = 0; i < subbufs.length; ) {
    const { offset } = subbufs[i]!;
    let count = 1;
    while (subbufs[i + count]?.offset === offset + count * pageSize) count++;
    const place = into.subarray(i * pageSize, (i + count) * pageSize);
    place.fill(0, source.readInto(place, offset));
    i += count;
  }
}

function clean(trace: Trace, subbuf: SubbufReading, piece: Uint8Array, at: number): void {
  const { header, records, lostBefore, lostCount } = subbuf;
  const { layout } = trace.image;
  const pageEnd = at + layout.geometry.subbufSize;
  const size = records.end - records.start;
  piece.fill(0, at + records.end, pageEnd);
  const missed = lostBefore || header.missedEvents;
  if (!missed && header.commit === BigInt(size)) return;
  const page = Buffer.from(piece.buffer, piece.byteOffset + at, layout.geometry.subbufSize);
  const missedCount = lostCount === undefined ? undefined : Number(lostCount);
  writePageHeader(page, layout.abi, { time: subbuf.time, size, missed, missedCount });
}
