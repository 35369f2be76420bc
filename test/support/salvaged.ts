import assert from "node:assert/strict";
import { kernelsFor, outcomeOf, survey } from "../../src/compare/outcome.js";
import type { TraceEvent } from "../../src/events/event.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { salvage } from "../../src/reading/salvage/salvage.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";

export const open = (bytes: Uint8Array) => readImage(new MemorySource(bytes));

/** The events of an image, without what names and formats would tell. */
export function eventsOf(bytes: Uint8Array, spec: TraceSpec = {}): Iterable<TraceEvent> {
  return openTrace(open(bytes), { formats: new Map() }, spec).events();
}

export const offsetsOf = (events: Iterable<TraceEvent>) => Array.from(events, ({ offset }) => offset);

/**
 * Salvages; holds that what it says it keeps is what can be read of the result, and what every kernel of the layout keeps,
 * and that salvaging again changes no byte.
 */
export function salvaged(bytes: Uint8Array) {
  const image = open(bytes);
  const result = salvage(image, survey(image).plan.size);
  const written = result.area.read(0);
  const again = open(written);
  const after = survey(again);
  const sum = (of: (cpu: (typeof result.cpus)[number]) => number) =>
    result.cpus.reduce((total, cpu) => total + of(cpu), 0);
  const back = sum((cpu) => cpu.broughtBackEvents);
  const kept = sum((cpu) => cpu.unreadEvents) + back;
  const offsets = offsetsOf(eventsOf(written));
  assert.equal(offsets.length, kept, "what can be read of it is what salvage says it keeps");
  const kernels = kernelsFor(again);
  /** What each kernel counts: with a discarded record whose delta is not 1 (rb_read_data_buffer(), ring_buffer.c). */
  const counted: number[] = [];
  assert.ok(kernels.length > 0);
  for (const { label, kernel } of kernels) {
    const { summary, readableEvents, droppedEvents, rewoundPages, keptEvents } = outcomeOf(after, kernel);
    assert.deepEqual(
      { label, summary, readableEvents, droppedEvents, rewoundPages },
      { label, summary: "keeps-everything", readableEvents: kept, droppedEvents: 0, rewoundPages: 0 },
    );
    counted.push(keptEvents);
  }
  const twice = salvage(again, written.length).area.read(0);
  assert.ok(Buffer.compare(twice, written) === 0, "salvaging again changes bytes");
  return { written, back, kept, offsets, counted, notes: result.notes };
}
