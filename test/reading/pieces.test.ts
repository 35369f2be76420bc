import { expect, test } from "@jest/globals";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { type ReadingContents, readingContents, readWalked } from "../../src/reading/reading.js";
import { HelpedWalk, SubbufWalk } from "../../src/reading/subbuf-walk.js";
import { fixtureImages } from "../support/images.js";

/** The contents, with columns that can be compared. */
function plain({ cpus, findings }: ReadingContents) {
  return {
    findings,
    cpus: cpus.map((cpu) => ({ ...cpu, table: { ...cpu.table, columns: Buffer.from(cpu.table.columns) } })),
  };
}

/** The same, where every other piece is walked by another thread, which opened the image for itself. */
function together(image: Image, theirs: Image) {
  const walk = new SubbufWalk(image);
  const helped = new HelpedWalk(theirs, walk.contents);
  for (let piece = 0; piece < walk.count; piece++)
    if (piece % 2 === 0) walk.adopt(piece, structuredClone(helped.walk(piece)));
    else walk.walk(piece);
  readWalked(image, walk);
  return plain(readingContents(image));
}

/** Damages a word in many places, so that commits are mended and records cut. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let at = 0x2008; at < copy.length; at += 0x3010) copy.fill(0xa5, at, at + 4);
  return copy;
}

test.each(fixtureImages)("$name: walked in pieces by several, it is read as by one", (dump) => {
  const sound = dump.bytes();
  for (const bytes of [sound, damaged(sound)]) {
    const open = (): Image => readImage(new MemorySource(bytes), { writerCpus: dump.info.cpus });
    expect(together(open(), open())).toEqual(plain(readingContents(open())));
  }
});
