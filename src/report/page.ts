import { UsageError } from "../ground/errors.js";
import { hex } from "../ground/hex.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { CpuArea } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import { type Anatomy, dissectSubbuf, type Part } from "../reading/anatomy.js";
import { rolesOf } from "../reading/summary.js";
import { countsNanoseconds, imageReport } from "./common.js";
import { type FormatOf, fieldsOf } from "./page-fields.js";

export type PageReport = ReturnType<typeof page>;

/** Reads CPU:ID or CPU:@INDEX. Throws UsageError for anything else. */
export function parsePlace(text: string): { readonly cpu: number; readonly byIndex: boolean; readonly number: number } {
  const match = /^(\d{1,5}):(@?)(\d{1,9})$/.exec(text);
  if (!match)
    throw new UsageError(`${text}: name a sub-buffer as CPU:ID or CPU:@INDEX, like 0:3 or 0:@27, behind the image`);
  return { cpu: Number(match[1]), byIndex: match[2] === "@", number: Number(match[3]) };
}

/** Finds CPU:ID or CPU:@INDEX. Throws UsageError where there is no such sub-buffer. */
export function findPage(image: Image, text: string): Anatomy {
  const { cpu: place, byIndex, number } = parsePlace(text);
  const cpu: CpuArea | undefined = image.cpus[place];
  if (!cpu) throw new UsageError(`${text}: the image has CPUs 0 to ${image.cpus.length - 1}`);
  if (number >= cpu.nrSubbufs)
    throw new UsageError(`${text}: CPU ${cpu.cpu} has sub-buffers 0 to ${cpu.nrSubbufs - 1}`);
  const index = byIndex ? number : cpu.indexById[number]!;
  return dissectSubbuf(image, cpu, index);
}

/** What is known beside the image. */
export interface PageOptions {
  /** Where the area began in physical memory. */
  readonly phys?: bigint | undefined;
  readonly formatOf: FormatOf;
}

/** The sub-buffer as its JSON document (schemas/page.json). */
export function page(
  image: Image,
  { cpu, index, page: bytes, subbuf, parts }: Anatomy,
  { phys, formatOf }: PageOptions,
) {
  const id = cpu.idByIndex[index]!;
  return {
    schema: "rbtool/page/2" as const,
    image: imageReport(image),
    cpu: cpu.cpu,
    id,
    index,
    offset: bytes.offset,
    length: bytes.length,
    missing: cpu.subbufSize - bytes.length,
    virtual: cpu.firstBuffer === undefined ? null : hex(cpu.firstBuffer + BigInt(index * cpu.subbufSize)),
    physical: phys === undefined ? null : hex(phys + BigInt(bytes.offset)),
    roles: rolesOf(cpu, id),
    state: subbuf.state,
    evidence: subbuf.evidence,
    repairs: subbuf.repairs,
    nanoseconds: countsNanoseconds(image),
    timeStamp: subbuf.header.timeStamp.toString(),
    commit: hex(subbuf.header.commit),
    size: subbuf.header.size,
    events: subbuf.believed ? subbuf.records.events : 0,
    damage: parts.filter(({ kind }) => kind === "damage").map(({ offset, length, what }) => ({ offset, length, what })),
    parts: parts.map((part) => ({
      ...part,
      time: part.time?.toString(),
      what: part.event ? eventText(part.event, formatOf) : part.what,
      fields: fieldsOf(part, bytes, formatOf),
    })),
  };
}

function eventText({ type, pid }: NonNullable<Part["event"]>, formatOf: FormatOf): string {
  const name = formatOf(type)?.name;
  return `event ${name === undefined ? type : `${decodeLatin1(name)} (${type})`} of pid ${pid}`;
}
