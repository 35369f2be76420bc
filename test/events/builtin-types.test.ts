import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { builtinTypes } from "../../src/events/builtin/types.js";
import { parseRelease } from "../../src/ground/release.js";
import { traceFileBehaviour } from "../../src/kernel/versions/printing.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { KERNELS } from "../support/collection.js";
import { abiOf, releases } from "../support/formats.js";

test.each(releases())("%s numbers its fixed events as its format files say", (release) => {
  const files = loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release });
  const { formats } = buildContext(files, abiOf(release));
  const fixed = [...formats.formats()].filter(({ system, id }) => system === "ftrace" && id !== 0);
  expect(fixed.length).toBeGreaterThan(10);
  const types = builtinTypes(traceFileBehaviour(parseRelease(release)!).retaddrType);
  expect(fixed.map(({ id }) => types[id])).toEqual(fixed.map(({ name }) => name));
});
