import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { writingBootOf } from "../../src/derive/writing-boot.js";
import { latin1 } from "../../src/ground/latin1.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { buildContext } from "../../src/system/context.js";
import { contextFilesOf } from "../../src/system/kernel-image/context-files.js";
import { loadedModules } from "../../src/system/kernel-image/loaded-modules.js";
import { openKernel } from "../../src/system/kernel-image/open-kernel.js";
import { loadContextFiles } from "../../src/system/load.js";
import { SymbolFile } from "../../src/system/symbols/symbol-file.js";
import { buildKernel } from "../support/build-kernel.js";
import { compareLines, traceFileOf } from "../support/kernel-text.js";
import { SMALL_KERNEL } from "../support/small-kernel.js";

/** A boot with KASLR and 17 modules, thirteen of them there before tracing began. */
const FOLDER = join(import.meta.dirname, "../../fixtures/loaded-modules/late-7.2.12");
const unpacked = (name: string): Uint8Array => gunzipSync(readFileSync(join(FOLDER, name)));

/** What that kernel's own file says: its first free number. */
const FIRST_ID = 1592;
/** _text of the boot that read the image. */
const NEXT_TEXT = 0xffffffffa5200000n;

const image = readImage(new MemorySource(unpacked("image.bin.gz"), "late"));
const collected = loadContextFiles({
  release: "7.2.12+deb14-amd64",
  events: join(FOLDER, "events.tar.gz"),
  kallsyms: join(FOLDER, "kallsyms"),
});
const files = readdirSync(join(FOLDER, "modules")).map((name) => ({
  origin: FOLDER,
  path: name,
  bytes: () => new Uint8Array(readFileSync(join(FOLDER, "modules", name))),
}));
const small = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
const kernel = { ...small, events: [], nextId: FIRST_ID };
const loaded = await loadedModules(kernel, files, writingBootOf(image), {
  stated: undefined,
  collected: undefined,
  moved: undefined,
});
const { formats, kallsyms, regionEnds } = contextFilesOf(kernel, loaded);
const idOf = (bytes: Uint8Array): number => Number(/^ID: (\d+)$/m.exec(latin1(bytes))![1]);

test("each event of the modules has the number, the fields and the print format that the kernel showed", () => {
  const shown = collected.formats.filter(({ bytes }) => idOf(bytes) >= FIRST_ID);
  expect(shown).toHaveLength(328);
  const byPath = new Map(formats.map(({ path, bytes }) => [path, latin1(bytes)]));
  expect(shown.filter(({ path, bytes }) => byPath.get(path) !== latin1(bytes)).map(({ path }) => path)).toEqual([]);
  expect(formats).toHaveLength(shown.length);
  expect([...loaded.doubtful]).toEqual([]);
  expect(loaded.notes).toEqual([]);
});

test("the lines are those of the kernel, functions of modules among them", () => {
  const own = collected.formats.filter(({ bytes }) => idOf(bytes) < FIRST_ID);
  const ofModules = latin1(kallsyms!.bytes)
    .split(/(?<=\n)/)
    .filter((line) => line.includes("\t["));
  const context = buildContext(
    {
      ...collected,
      formats: [...own, ...formats],
      ...(regionEnds === undefined ? {} : { regionEnds }),
      kallsyms: SymbolFile.of(Buffer.concat([collected.kallsyms!.bytes, Buffer.from(ofModules.join(""), "latin1")])),
    },
    image.layout.abi,
  );
  const got = traceFileOf(image, context, { release: "7.2.12+deb14-amd64", onlineCpus: 2, text: NEXT_TEXT });
  const want = latin1(unpacked("trace.txt.gz"));
  // The kernel that read has its modules at other addresses: the number behind a module's function is its own.
  const plain = (line: string): string => line.replace(/( \[\w+\]) \(-\d+\)/g, "$1");
  if (process.env.DBG) process.stderr.write(ofModules.join(""));
  const { differing, total } = compareLines(plain(want), plain(got));
  expect(differing).toEqual([]);
  expect(total).toBe(469);
});
