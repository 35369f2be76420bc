import { InputError } from "../ground/errors.js";
import type { Source } from "./source.js";

const LF = 0x0a;
const CR = 0x0d;
/** So many line feeds that each have a carriage return before them are no chance. */
const ENOUGH = 16;
/** With a size that is whole pages again once they are gone, fewer are enough. */
const ENOUGH_WITH_SIZE = 3;
/** No memory is saved in pieces smaller than a page. */
const PAGE = 4096;

/** Who finds no line feed at all in so many bytes stops looking: memory may go on for as long as the disk is large. */
const NONE_BY_THEN = 2 ** 24;

/** Follows bytes as they come and tells whether a program took them for lines of text: LF became CR LF. */
export class LineEnds {
  private pairs = 0;
  private bytes = 0;
  private last = 0;
  private alone = false;

  /** Whether there is more to learn: the first line feed by itself ends it, in most files soon. */
  get open(): boolean {
    return !this.alone && (this.pairs > 0 || this.bytes < NONE_BY_THEN);
  }

  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(LF); at >= 0 && !this.alone; at = chunk.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.last : chunk[at - 1]) === CR) this.pairs++;
      else this.alone = true;
    }
    this.bytes += chunk.length;
    this.last = chunk.at(-1) ?? this.last;
  }

  /** The line feeds, where each has a carriage return before it and that is no chance. */
  get translated(): number | undefined {
    if (this.alone) return undefined;
    const whole = this.bytes % PAGE !== 0 && (this.bytes - this.pairs) % PAGE === 0;
    return this.pairs >= (whole ? ENOUGH_WITH_SIZE : ENOUGH) ? this.pairs : undefined;
  }
}

/** Throws InputError for bytes that were transferred as text. */
export function refuseTranslated(lineEnds: LineEnds, name?: string): void {
  const count = lineEnds.translated;
  if (count === undefined) return;
  throw new InputError(
    `${name === undefined ? "" : `${name}: `}this file was transferred in text mode, which breaks it: each of the ${count} bytes 0a that were read has a 0d in ` +
      "front. Copy it again in binary mode (ftp: `binary`; ssh, docker and kubectl exec: no -t)",
  );
}

const BLOCK = 64 * 1024;

/** The same for bytes at hand, by name unless somebody else adds it. Text has line ends of its own, but no zeros. */
export function refuseTextMode(source: Source, named = true): void {
  if (!source.probe(0, PAGE).includes(0)) return;
  const lineEnds = new LineEnds();
  for (let at = 0; at < source.size && lineEnds.open; at += BLOCK) lineEnds.add(source.read(at, BLOCK));
  refuseTranslated(lineEnds, named ? source.name : undefined);
}
