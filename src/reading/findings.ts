import type { DiagnosticCode, Diagnostics } from "../ground/diagnostics.js";
import { plural, pluralVerb } from "../ground/plural.js";
import type { Image } from "../image/image.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";
import type { CpuReading } from "./cpu-reading.js";
import { type OutOfPlace, outOfPlace } from "./out-of-place.js";
import type { SubbufReading } from "./subbuf-reading.js";
import { kernelOrder } from "./summary.js";
import { damageText } from "./walk.js";

/** What is wrong with a CPU's sub-buffers, in the kernel's order. What a cut file lacks is a finding of the image. */
export function addFindings(image: Image, reading: CpuReading, diagnostics: Diagnostics): void {
  const { cpu } = reading;
  const { capacity, headerSize } = image.subbufs;
  let inside = false;
  const live = new Uint8Array(cpu.nrSubbufs);
  for (const id of cpu.live) live[id] = 1;
  const inOrder = kernelOrder(reading);
  const misplaced = new Map([...outOfPlace(reading, inOrder)].map((run) => [run.first.index, run]));
  let index = 0;
  const add = (code: DiagnosticCode, at: number, message: string): void =>
    diagnostics.add(code, at, message, { cpu: cpu.cpu, subbuf: index });
  for (const subbuf of inOrder) {
    const { header, records, repairs, state, evidence, offset } = subbuf;
    if (subbuf.cutOff) continue;
    index = subbuf.index;
    const commitAt = offset + COMMIT_OFFSET;
    const torn =
      subbuf.believed && state === "unread" && repairs.includes("resynchronised")
        ? tornFinding(subbuf, headerSize, capacity)
        : undefined;
    // One place is told once.
    if (header.size > capacity && torn?.[0] !== "subbuf-commit")
      add("subbuf-commit", commitAt, `commit ${header.size} is more than the ${capacity} bytes of a sub-buffer`);
    else if (state === "unread" && repairs.includes("commit-from-records"))
      add("subbuf-commit", commitAt, `commit is ${header.size}; the records go on to ${records.end - headerSize}`);
    else if (records.damage !== undefined && repairs.includes("cut-at-damage"))
      add(
        records.damage,
        offset + records.end,
        `${damageText(records.damage)}; the remaining ${headerSize + header.size - records.end} bytes cannot be walked`,
      );
    if (state === "lost" || evidence === "older-lap") add(...lostFinding(subbuf));
    if (state === "empty" && inside && live[subbuf.id] === 1 && subbuf.id !== 0 && subbuf.id !== cpu.commit?.id)
      add(
        "subbuf-empty",
        commitAt,
        "it lies between head and commit, but nothing is committed in it: its events are lost",
      );
    if (subbuf.believed && state === "unread") {
      inside = true;
      if (repairs.includes("time-from-neighbours"))
        add(
          "subbuf-time",
          offset,
          `time stamp ${header.timeStamp} does not fit between its neighbours: its events are given times that do`,
        );
      const run = misplaced.get(index);
      if (run !== undefined) add("subbuf-order", offset, orderText(run));
      if (torn !== undefined) add(...torn);
    }
    if (header.missedEvents && (state === "unread" || state === "dropped")) {
      const { missedCount } = header;
      const lost = missedCount === undefined ? "events were" : pluralVerb(missedCount, "event", ["was", "were"]);
      add("subbuf-missed-events", offset, `${lost} lost before this sub-buffer`);
    }
  }
}

function tornFinding(subbuf: SubbufReading, headerSize: number, capacity: number): [DiagnosticCode, number, string] {
  const { offset, stretches, records, header } = subbuf;
  const doubted = stretches.reduce((sum, { doubts }) => sum + doubts.length, 0);
  const events = `${pluralVerb(records.events, "event")} read${doubted > 0 ? `, ${doubted} of them in doubt` : ""}`;
  const breaks = stretches.filter(({ lostBefore }) => lostBefore);
  if (breaks.length > 0) {
    const places = plural(breaks.length, "place");
    return ["subbuf-torn", offset + breaks[0]!.start, `its records break off in ${places}: ${events}`];
  }
  const bounded = stretches.find(({ bounds }) => bounds !== undefined);
  if (bounded !== undefined)
    return ["subbuf-torn", offset + bounded.start, `from here on, times are known only within bounds: ${events}`];
  const end = records.end - headerSize;
  if (end !== header.size)
    return [
      "subbuf-commit",
      offset + COMMIT_OFFSET,
      `commit is ${header.size}${header.size > capacity ? `, more than the ${capacity} bytes of a sub-buffer` : ""}; the records go on to ${end}: ${events}`,
    ];
  return ["subbuf-torn", offset, `some of its bytes are from another moment: ${events}`];
}

function orderText({ last, count }: OutOfPlace): string {
  const why = "disagrees with buffers[], head and commit about its place";
  if (count === 1) return `its time stamp ${why}: it is read where its time puts it`;
  const others =
    count === 2
      ? `that of the one behind it, @${last.index},`
      : `those of the ${count - 1} behind it, to @${last.index},`;
  return `its time stamp ${why}, and ${others} about theirs: they are read where their times put them`;
}

function lostFinding({ evidence, offset, header }: SubbufReading): [DiagnosticCode, number, string] {
  if (evidence === "stale" || evidence === "older-lap")
    return [
      "subbuf-older-lap",
      offset,
      `all of it is from an earlier lap, starting at time stamp ${header.timeStamp}: what was written here since then is lost`,
    ];
  if (evidence === "duplicate")
    return ["subbuf-duplicate", offset, "it holds the same events as another sub-buffer; its own are lost"];
  return ["subbuf-unreadable", offset, `none of its ${header.size} committed bytes can be read as an event`];
}
