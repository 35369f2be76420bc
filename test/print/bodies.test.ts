import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { CompiledFormats } from "../../src/print/compiled-formats.js";
import { makeEnv } from "../../src/print/make-env.js";
import { buildContext } from "../../src/system/context.js";
import { gatherSystem, loadContextFiles } from "../../src/system/load.js";
import { DUMPS, KERNELS } from "../support/collection.js";
import { abiOf, recordIn } from "../support/formats.js";

/** Images whose events reach over all kinds, byte orders, word sizes, and the texts that differ by version. */
const IMAGES = [
  "v7.3-all",
  "v7.3-read",
  "v6.17-all",
  "v7.2-live",
  "v7.3-kaslr",
  "v6.12-sched",
  "v6.19-sched",
  "s390x-7.2-sched",
  "s390x-6.12-readmid",
  "armhf-7.2-sched",
  "arm64-16k-7.2-read",
  "riscv64-7.2-sched",
].filter((name) => existsSync(join(DUMPS, name, "trace.txt.gz")));

test.each(IMAGES)("%s: the text behind the columns is the kernel's own", async (name) => {
  const at = (file: string) => join(DUMPS, name, file);
  const info = JSON.parse(readFileSync(at("info.json"), "utf8")) as { kernel: string; pagesize: number };
  const kernel = join(KERNELS, info.kernel);
  const abi = abiOf(info.kernel);
  const context = buildContext(
    loadContextFiles(
      { release: info.kernel, ...(existsSync(at("kallsyms.gz")) ? { kallsyms: at("kallsyms.gz") } : {}) },
      (await gatherSystem([kernel])).collected,
    ),
    abi,
  );
  const { symbols, printkFormats } = context;
  const compiled = new CompiledFormats(context.formats);
  const env = { ...makeEnv({ abi, symbols, printkFormats, pointers: "as-kernel" }), kernelFields: true };
  // The kernel that read this one had other addresses: it prints all but system calls field by field.
  const moved = name.includes("kaslr");
  const image = new Bytes(new Uint8Array(gunzipSync(readFileSync(at("image.bin.gz")))), abi);
  const bodies = new Map<string, number>();
  for (const [start, length, id] of records(image, info.pagesize)) {
    const event = compiled.event(id);
    if (event === undefined || event.format.system === "ftrace") continue;
    const byFields = moved && event.format.system !== "syscalls";
    const text = byFields
      ? event.printFields(recordIn(image, start, length), env)
      : event.print(recordIn(image, start, length), env);
    bodies.set(text, (bodies.get(text) ?? 0) + 1);
  }
  const names = new Set([...context.formats.formats()].filter((f) => f.system !== "ftrace").map((f) => f.name));
  const missing: string[] = [];
  let total = 0;
  for (const line of gunzipSync(readFileSync(at("trace.txt.gz")))
    .toString("latin1")
    .split("\n")) {
    const text = /^ *\S.*?-\d+ +\[\d+\] \S+ +[\d.]+: (.*)$/.exec(line)?.[1];
    if (text === undefined || !(/^sys_\w+(?: ->|\()/.test(text) || names.has(/^(\w+):/.exec(text)?.[1] ?? "")))
      continue;
    total++;
    const left = bodies.get(text) ?? 0;
    if (left > 0) bodies.set(text, left - 1);
    else missing.push(text);
  }
  process.stderr.write(`${name}: bodies equal ${total - missing.length}/${total}\n`);
  expect(missing.slice(0, 3)).toEqual([]);
  expect(total).toBeGreaterThan(100);
});

/** Every event on every page that looks like a sub-buffer: [start, length, id]. */
function* records(image: Bytes, page: number): Generator<[number, number, number]> {
  const { littleEndian: le, longSize } = image.abi;
  const header = longSize === 8 ? 16 : 12;
  for (let p = 0; p + page <= image.length; p += page) {
    const time = image.u64(p);
    const size = image.u32(longSize === 8 && !le ? p + 12 : p + 8) & 0xfffff;
    if (time === 0n || time > 10n ** 13n || size > page - header) continue;
    let a = p + header;
    const end = a + size;
    while (a + 8 <= end) {
      const word = image.u32(a);
      const type = le ? word & 31 : word >>> 27;
      if (type >= 30) {
        a += 8;
        continue;
      }
      if (type === 29) {
        if ((le ? word >>> 5 : word & 0x7ffffff) === 0) break;
        a += 4 + image.u32(a + 4);
        continue;
      }
      const start = type === 0 ? a + 8 : a + 4;
      const length = type === 0 ? image.u32(a + 4) - 4 : type * 4;
      if (length < 8 || start + length > end) break;
      yield [start, length, image.u16(start)];
      a = start + length;
    }
  }
}
