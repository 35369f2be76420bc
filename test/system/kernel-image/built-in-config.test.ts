import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { configuredHz } from "../../../src/system/kernel-image/built-in-config.js";
import { KernelMemory } from "../../../src/system/kernel-image/memory.js";

const hz = (...parts: Uint8Array[]) =>
  configuredHz(new KernelMemory(new Uint8Array(Buffer.concat(parts)), { littleEndian: true, longSize: 8 }, []));
const config = (text: string) => [Buffer.from("IKCFG_ST"), gzipSync(text), Buffer.from("IKCFG_ED")];

test("CONFIG_HZ of a configuration that is built in", () => {
  expect(hz(Buffer.from("other"), ...config("CONFIG_HZ_1000=y\nCONFIG_HZ=1000\n"), Buffer.alloc(64, 7))).toBe(1000);
  expect(hz(Buffer.from("IKCFG_ST is a text"), ...config("CONFIG_HZ=250\n"))).toBe(250);
});

test("none, a damaged one, and one without it tell nothing", () => {
  expect(hz(Buffer.alloc(100))).toBeUndefined();
  expect(hz(...config("# CONFIG_HZ is not set\n"))).toBeUndefined();
  const [start, packed, end] = config("CONFIG_HZ=250\n") as [Buffer, Buffer, Buffer];
  expect(hz(start, packed.fill(0xff, 12, 20), end)).toBeUndefined();
});
