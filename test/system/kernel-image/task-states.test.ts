import { expect, test } from "@jest/globals";
import { contextFilesOf } from "../../../src/system/kernel-image/context-files.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { buildKernel } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const STATES = "RSDTtXZPI\0";

async function statesOf(constants: Readonly<Record<string, string>>): Promise<string | undefined> {
  const { elf } = buildKernel({ ...SMALL_KERNEL, constants });
  return contextFilesOf(await openKernel({ origin: "kernel", path: "kernel", bytes: () => elf })).kernelText
    ?.taskStates;
}

test("of several strings of states, trace_output.c's is the one before its table of marks", async () => {
  const found = await statesOf({
    "state_char.2": `${STATES}core`,
    other: "x".repeat(300),
    "state_char.0": `${STATES}own`,
    names: "names",
    mark: "$@*#!+",
    "state_char.29": `${STATES}tree`,
  });
  // Each constant begins at a multiple of eight.
  expect(found).toHaveLength(256);
  expect(found!.slice(0, 30)).toBe(`${STATES}own\0\0\0names\0\0\0$@*#!+`);
});

test("none is taken that is not near it, or where there is no such table", async () => {
  expect(await statesOf({ "state_char.2": STATES, other: "x".repeat(300), mark: "$@*#!+" })).toBeUndefined();
  expect(await statesOf({ "state_char.2": STATES })).toBeUndefined();
  expect(await statesOf({ state_charge: STATES, mark: "$@*#!+" })).toBeUndefined();
});
