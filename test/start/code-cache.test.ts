import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Script } from "node:vm";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { CodeCache, codeCachePath } from "../../src/start/code-cache.js";

const home = mkdtempSync(join(tmpdir(), "rbtool-cache-"));
const path = join(home, "rbtool", "code");
beforeEach(() => rmSync(join(home, "rbtool"), { recursive: true, force: true }));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const SOURCE = "(function add(a, b) { return a + b; })";
const NAMES = ["a.cjs", "b.cjs"];

function kept(): readonly Buffer[] {
  const scripts = new Map(NAMES.map((name) => [name, new Script(SOURCE)]));
  for (const script of scripts.values()) script.runInThisContext()(1, 2);
  new CodeCache(path, "one").keep(scripts);
  return NAMES.map((name) => new CodeCache(path, "one").get(name)!);
}

test("V8 takes back what was kept", () => {
  for (const cachedData of kept()) expect(new Script(SOURCE, { cachedData }).cachedDataRejected).toBe(false);
});

test("what is added stands beside what was there", () => {
  kept();
  const cache = new CodeCache(path, "one");
  cache.keep(new Map([["c.cjs", new Script(SOURCE)]]));
  const names = [...NAMES, "c.cjs"];
  expect(names.map((name) => new CodeCache(path, "one").get(name) !== undefined)).toEqual([true, true, true]);
});

test("code of another build is not used", () => {
  kept();
  expect(new CodeCache(path, "two").get("a.cjs")).toBeUndefined();
});

test("of a damaged cache only what is whole is used", () => {
  const whole = kept();
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x11;
    writeFileSync(path, damaged);
    const cache = new CodeCache(path, "one");
    const found = NAMES.map((name) => cache.get(name));
    for (const [i, code] of found.entries()) if (code !== undefined) expect(code.equals(whole[i]!)).toBe(true);
    expect(found.filter((code) => code !== undefined).length).toBeLessThan(2);
  }
  for (const length of [0, 1, 40, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    expect(new CodeCache(path, "one").get("b.cjs")).toBeUndefined();
  }
});

test("what others can write is neither run nor written", () => {
  kept();
  chmodSync(path, 0o620);
  const cache = new CodeCache(path, "one");
  expect(cache.get("a.cjs")).toBeUndefined();
  const before = readFileSync(path);
  cache.keep(new Map([["c.cjs", new Script(SOURCE)]]));
  expect(readFileSync(path)).toEqual(before);
});

test("it lies in the user's own cache folder, or nowhere", () => {
  expect(codeCachePath({ XDG_CACHE_HOME: home })).toBe(path);
  expect(codeCachePath({ XDG_CACHE_HOME: home, NODE_DISABLE_COMPILE_CACHE: "1" })).toBeUndefined();
  expect(codeCachePath({ XDG_CACHE_HOME: join(home, "none") })).toBeUndefined();
  const open = join(home, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(codeCachePath({ XDG_CACHE_HOME: open })).toBeUndefined();
});

const inspected = (): string =>
  execFileSync(process.execPath, [resolve("bin/rbtool.js"), "inspect", "fixtures/dumps/v7.3-read/image.bin.gz"], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });

test("a command says the same without a cache, with one, and with a broken one", () => {
  const first = inspected();
  expect(first).toContain("10460 events");
  const made = readFileSync(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(inspected()).toBe(first);
  expect(readFileSync(path)).toEqual(made);
  const half = made.length >> 1;
  made.fill(0, half);
  writeFileSync(path, made);
  expect(inspected()).toBe(first);
  // What was broken was compiled and kept again.
  expect(readFileSync(path).subarray(half)).not.toEqual(made.subarray(half));
  // A file where the folder should be: there can be none.
  rmSync(join(home, "rbtool"), { recursive: true });
  writeFileSync(join(home, "rbtool"), "");
  expect(inspected()).toBe(first);
  rmSync(join(home, "rbtool"));
  expect(existsSync(path)).toBe(false);
});
