import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { builtinTypes, UNPRINTED } from "../../src/events/builtin/types.js";
import { parseRelease } from "../../src/ground/release.js";
import { traceFileBehaviour } from "../../src/kernel/versions/printing.js";
import { buildContext } from "../../src/system/context.js";
import { loadContextFiles } from "../../src/system/load.js";
import { KERNELS } from "../support/collection.js";
import { abiOf, releases } from "../support/formats.js";

test.each(releases())("%s has a format file of each of its fixed events that is printed, numbered alike", (release) => {
  const files = loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release });
  const { formats } = buildContext(files, abiOf(release));
  const given = [...formats.formats()].filter(({ system, id }) => system === "ftrace" && id !== 0);
  const types = builtinTypes(traceFileBehaviour(parseRelease(release)!).retaddrType, formats);
  const printed = types.flatMap((name, id) =>
    name === undefined || name === "blk" || UNPRINTED.has(name) ? [] : [{ id, name }],
  );
  const known = given.filter(({ name }) => !UNPRINTED.has(name as never));
  expect(known.map(({ id, name }) => ({ id, name })).sort((a, b) => a.id - b.id)).toEqual(printed);
});
