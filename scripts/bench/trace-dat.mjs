import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openImage, subbufBytes } from "../../dist/index.js";

const text = (string) => Buffer.from(`${string}\0`, "latin1");
const u16 = (value) => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const sized = (bytes) => [u64(bytes.length), bytes];

/**
 * Writes the live sub-buffers of a little-endian 64-bit image as a trace.dat of version 6 (trace-cmd.dat(5)), so that
 * `trace-cmd report` reads the same events.
 * @param events an unpacked copy of tracefs' events folder
 */
export async function writeTraceDat(path, imagePath, events, kallsyms, printkFormats) {
  const image = await openImage(imagePath);
  const folders = (at) => readdirSync(at).filter((name) => statSync(join(at, name)).isDirectory());
  const formats = (system) =>
    folders(join(events, system)).map((event) => readFileSync(join(events, system, event, "format")));
  const systems = folders(events).filter((name) => name !== "ftrace");
  const parts = [
    Buffer.from([0x17, 0x08, 0x44]),
    Buffer.from("tracing"),
    text("6"),
    Buffer.from([0, 8]),
    u32(4096),
    text("header_page"),
    ...sized(readFileSync(join(events, "header_page"))),
    text("header_event"),
    ...sized(readFileSync(join(events, "header_event"))),
    u32(formats("ftrace").length),
    ...formats("ftrace").flatMap(sized),
    u32(systems.length),
    ...systems.flatMap((system) => [text(system), u32(formats(system).length), ...formats(system).flatMap(sized)]),
    u32(kallsyms.length),
    kallsyms,
    u32(printkFormats.length),
    printkFormats,
    u64(0),
    u32(image.cpus.length),
    text("options  "),
    u16(0),
    text("flyrecord"),
  ];
  const header = Buffer.concat(parts);
  let at = Math.ceil((header.length + 16 * image.cpus.length) / 4096) * 4096;
  const index = [];
  const data = [];
  for (const cpu of image.cpus) {
    const pages = cpu.live.map((id) => Buffer.from(subbufBytes(image, cpu, cpu.indexById[id]).u8));
    index.push(u64(at), u64(4096 * pages.length));
    data.push(...pages);
    at += 4096 * pages.length;
  }
  const start = Buffer.concat([header, ...index]);
  const padding = Buffer.alloc(Math.ceil(start.length / 4096) * 4096 - start.length);
  writeFileSync(path, Buffer.concat([start, padding, ...data]));
}
