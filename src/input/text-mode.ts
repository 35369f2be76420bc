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

/** Packed bytes are like chance: in so many without a pair the carriage returns were taken out, but for once in 3000 files. */
const PACKED = 2 ** 19;

const UNDO = "`perl -pe 's/\\r\\n/\\n/' FILE > dump.bin` takes them out again";
const AGAIN = "copy it again in binary mode (ftp: `binary`; git: `-text`; ssh, docker and kubectl exec: no -t)";

/**
 * Follows bytes as they come and tells whether a program took them for lines of text: LF became CR LF, or CR LF became LF.
 */
export class LineEnds {
  private pairs = 0;
  private bytes = 0;
  private last = 0;
  private alone = false;

  /** Whether the first can still be: a line feed by itself ends it, in most files soon. */
  get open(): boolean {
    return !this.alone && (this.pairs > 0 || this.bytes < NONE_BY_THEN);
  }

  /** Neither can be. */
  get known(): boolean {
    return this.alone && this.pairs > 0;
  }

  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(LF); at >= 0 && !this.known; at = chunk.indexOf(LF, at + 1)) {
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

  /** Whether packed bytes have no pair, and that is no chance. */
  get stripped(): boolean {
    return this.pairs === 0 && this.bytes >= PACKED;
  }
}

const BLOCK = 64 * 1024;

/** What there is to learn of bytes at hand, as long as more of it is wanted. */
export function lineEndsOf(source: Source, isWanted = ({ known }: LineEnds): boolean => !known): LineEnds {
  const lineEnds = new LineEnds();
  for (let at = 0; at < source.size && isWanted(lineEnds); at += BLOCK) lineEnds.add(source.read(at, BLOCK));
  return lineEnds;
}

/** Throws InputError for bytes that were transferred as text. Text has line ends of its own, but no zeros. */
export function refuseTextMode(source: Source): void {
  if (!source.probe(0, PAGE).includes(0)) return;
  const { translated } = lineEndsOf(source, ({ open }) => open);
  if (translated !== undefined) throw new InputError(`${source.name}: ${addedText(translated)}`);
}

/** What is wrong with packed bytes that cannot be unpacked; throws InputError where all of them are. */
export function troubleOf(trouble: string, { translated, stripped }: LineEnds): string {
  if (translated !== undefined) throw new InputError(addedText(translated));
  return stripped
    ? `${trouble}; none of its bytes 0a has a 0d in front, as after a transfer in text mode: ${AGAIN}`
    : trouble;
}

function addedText(count: number): string {
  return `this file was transferred in text mode, which breaks it: each of the ${count} bytes 0a that were read has a 0d in front. ${UNDO}; or ${AGAIN}`;
}
