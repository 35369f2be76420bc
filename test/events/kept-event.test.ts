import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { imageEvents } from "../../src/events/image-events.js";
import { KeptEvent } from "../../src/events/kept-event.js";
import { readImage } from "../../src/image/image.js";
import { FileSource } from "../../src/input/file-source.js";
import { readingOf } from "../../src/reading/reading.js";
import { scratchFolder } from "../support/command-lines.js";
import { fixture } from "../support/images.js";

test("who keeps events keeps their sub-buffers, and nothing else of the file; those of one have it together", () => {
  const folder = scratchFolder();
  const path = join(folder.path, "image.bin");
  writeFileSync(path, fixture("v7.3-read").bytes());
  const source = new FileSource(openSync(path, "r"), path);
  const image = readImage(source);
  const events = imageEvents(image, readingOf(image).cpus);
  const kept: { event: KeptEvent; bytes: string }[] = [];
  const bytesOf = ({ view, data, dataSize }: Pick<KeptEvent, "view" | "data" | "dataSize">) =>
    Buffer.from(view.buffer, view.byteOffset + data, dataSize).toString("hex");
  for (let event = events.next(); event !== undefined; event = events.next())
    if (events.given % 10 === 0) kept.push({ event: KeptEvent.of(event), bytes: bytesOf(event) });
  expect(kept.length).toBeGreaterThan(300);
  for (const { event, bytes } of kept) expect(bytesOf(event)).toBe(bytes);
  const buffers = new Set(kept.map(({ event }) => event.view.buffer));
  for (const { byteLength } of buffers) expect(byteLength).toBe(image.layout.geometry.subbufSize);
  const held = new Set(kept.map(({ event }) => event.bytes.offset));
  // Events of two CPUs alternate, and each has its own.
  expect(buffers.size).toBe(held.size);
  source.close();
  folder.remove();
});
