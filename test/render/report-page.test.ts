import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import { renderPage } from "../../src/render/html/page.js";
import { dossier } from "../../src/report/dossier.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import type { Trace } from "../../src/trace/trace.js";
import { Browser, CHROMIUM } from "../support/chromium.js";
import { fixture } from "../support/images.js";
import { dumpContext, openDump } from "../support/kernel-text.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPEC = { sure: true, gaps: true } as const;
const DUMP = fixture("v7.3-read");

function traceOf(): Trace {
  return openTrace(openDump(DUMP), writingKernel(dumpContext(DUMP)), SPEC);
}

function pageOf(trace: Trace): string {
  return renderPage(dossier({ trace, chosen: trace, making: { options: [], sha256: "0".repeat(64) } }));
}

function columnsOf(page: string): {
  meta: { columns: [string, string, number][]; start: string; length: number; types: string[]; tasks: string[] };
  at(name: string): Float64Array | Uint16Array;
} {
  const meta = JSON.parse(/id="meta">(.*?)<\/script>/s.exec(page)![1]!);
  const bytes = new Uint8Array(gunzipSync(Buffer.from(/id="columns">(.*?)<\/script>/s.exec(page)![1]!, "base64")));
  return {
    meta,
    at(name) {
      let place = 0;
      for (const [each, kind, count] of meta.columns) {
        const values =
          kind === "f64" ? new Float64Array(bytes.buffer, place, count) : new Uint16Array(bytes.buffer, place, count);
        if (each === name) return values;
        place += Math.ceil(values.byteLength / 8) * 8;
      }
      throw new Error(name);
    },
  };
}

test("the columns hold every event, and the page asks nothing of the network", () => {
  const trace = traceOf();
  const page = pageOf(trace);
  const { at } = columnsOf(page);
  const events = Array.from(trace.events(), ({ cpu, offset, t }) => ({ cpu, offset, t }));
  expect(Array.from(at("offset"))).toEqual(events.map(({ offset }) => offset));
  expect(Array.from(at("cpu"))).toEqual(events.map(({ cpu }) => cpu));
  expect(Array.from(at("time"))).toEqual(events.map(({ t }) => t - events[0]!.t));
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/https?:|\bsrc=|<link|<img|@import|url\(/);
});

/** Names that would do something if anything let them. */
const HOSTILE = "<img src=x onerror=alert(1)>&\"'\u001b[31m\u202ex</script><script>bad()</script>";

/** Every task, the image, and every event are called so. */
function hostileTrace(): Trace {
  const trace = traceOf();
  const text = Object.create(trace.text, {
    name: { value: () => HOSTILE },
    builtin: { value: (type: number) => trace.text.builtin(type) },
  });
  return {
    ...trace,
    text,
    image: { ...trace.image, source: Object.assign(Object.create(trace.image.source), { name: HOSTILE }) },
    names: {
      at: () => HOSTILE,
      span: () => ({ name: HOSTILE, from: 0, until: Number.POSITIVE_INFINITY }),
      last: () => [[1, HOSTILE]],
    },
  };
}

test("nothing of an image becomes markup, nor reaches the page as what is not seen", () => {
  const page = pageOf(hostileTrace());
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(page).not.toContain("<img");
  expect(page).not.toContain("<script>bad");
  expect(page.match(/<script/g)).toHaveLength(3);
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});

test("the command writes the file, and not over the image", async () => {
  const image = join(folder, "image.bin");
  writeFileSync(image, DUMP.bytes());
  const output = join(folder, "out.html");
  const { status, stderr, stdout } = await rbtool(["report", "--no-live", "--last", "1s", image, "-o", output]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  expect(stderr).toContain("out.html");
  const page = readFileSync(output, "utf8");
  expect(page).toContain("last=1s");
  const { at } = columnsOf(page);
  expect(at("time").length).toBeLessThan(10_460);
  expect((await rbtool(["report", "--no-live", image, "-o", image])).status).toBe(2);
});

(CHROMIUM === undefined ? describe.skip : describe)(
  "in chromium (skipped where the package chromium is not installed)",
  () => {
    test.each([
      ["wide", 1280],
      ["narrow", 390],
    ])(
      "%s: it opens from disk, asks for nothing, draws, and tells the event under the pointer",
      async (_, width) => {
        const trace = traceOf();
        const page = pageOf(trace);
        const path = join(folder, "page.html");
        writeFileSync(path, page);
        const browser = await Browser.open(width, 900);
        try {
          const url = pathToFileURL(path).href;
          await browser.ask("Page.navigate", { url });
          await browser.until("document.documentElement.dataset.drawn !== undefined");
          const { at, meta } = columnsOf(page);
          expect(await browser.value("document.documentElement.dataset.drawn")).toBe(String(at("time").length));
          const requests = browser
            .said(/^Network\.requestWillBeSent$/)
            .map(({ params }) => (params!.request as { url: string }).url);
          expect(requests.filter((each) => each !== url)).toEqual([]);
          expect(browser.said(/^(Log\.entryAdded|Runtime\.(exceptionThrown|consoleAPICalled))$/)).toEqual([]);
          expect(await browser.value("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
          const drawn = `(() => { const c = document.getElementById("lanes"); const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
          const seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size; })()`;
          expect(await browser.value<number>(drawn)).toBeGreaterThan(10);
          // Somewhere in CPU 1's lane: of its events none is nearer, but for a pixel.
          const box = await browser.value<{ x: number; y: number; w: number }>(
            `(() => { const r = document.getElementById("lanes").getBoundingClientRect(); return { x: r.x, y: r.y, w: r.width }; })()`,
          );
          const x = Math.round(box.w * 0.9);
          await browser.ask("Input.dispatchMouseEvent", { type: "mouseMoved", x: box.x + x, y: box.y + 22 + 70 + 30 });
          await browser.until(`document.getElementById("tip").textContent.trim() !== ""`);
          const tip = await browser.value<string>(`document.getElementById("tip").textContent`);
          const told = /^(\d+)\.(\d{9}) {2}CPU (\d+) {2}(.*) {2}(\S+) {2}@0x([0-9a-f]+)\n/.exec(tip)!;
          const { start, length, types, tasks } = meta;
          const row = Array.from(at("offset")).indexOf(parseInt(told[6]!, 16));
          expect(BigInt(told[1]! + told[2]!)).toBe(BigInt(start) + BigInt(at("time")[row]!));
          expect([told[3], told[4], told[5]]).toEqual(["1", tasks[at("task")[row]!], types[at("type")[row]!]]);
          expect(at("cpu")[row]).toBe(1);
          const pixel = length / (box.w - 64);
          const pointed = (x - 63) * pixel;
          const away = (i: number): number => Math.abs(at("time")[i]! - pointed);
          const nearest = Math.min(...Array.from(at("cpu"), (cpu, i) => (cpu === 1 ? away(i) : Infinity)));
          expect(away(row)).toBeLessThan(nearest + 2 * pixel);
        } finally {
          await browser.close();
        }
      },
      120_000,
    );

    test("names that would be markup inject nothing: they are shown, and the pointer tells them as text", async () => {
      const path = join(folder, "hostile.html");
      writeFileSync(path, pageOf(hostileTrace()));
      const browser = await Browser.open(1280, 900);
      try {
        const url = pathToFileURL(path).href;
        await browser.ask("Page.navigate", { url });
        await browser.until("document.documentElement.dataset.drawn !== undefined");
        const box = await browser.value<{ x: number; y: number }>(
          `(() => { const r = document.getElementById("lanes").getBoundingClientRect(); return { x: r.x, y: r.y }; })()`,
        );
        await browser.ask("Input.dispatchMouseEvent", { type: "mouseMoved", x: box.x + 700, y: box.y + 22 + 70 + 30 });
        await browser.until(`document.getElementById("tip").textContent.trim() !== ""`);
        const tip = await browser.value<string>(`document.getElementById("tip").textContent`);
        expect(tip).toContain("<img src=x onerror=alert(1)>");
        expect(tip).toContain("\\u{202e}x</script><script>bad()</script>");
        expect(await browser.value<string>("document.querySelector('h1').textContent")).toContain("<img src=x");
        // What the page is made of: nothing but what the report makes.
        expect(
          await browser.value(`[...new Set([...document.querySelectorAll("*")].map((each) => each.localName))].filter((name) =>
            ["img", "iframe", "object", "embed", "link", "a", "form", "base"].includes(name))`),
        ).toEqual([]);
        expect(await browser.value("document.scripts.length")).toBe(3);
        expect(
          await browser.value(`[...document.querySelectorAll("*")].flatMap((each) => [...each.attributes])
          .filter(({ name }) => name.startsWith("on") || name === "src" || name === "href").length`),
        ).toBe(0);
        expect(
          await browser.value(
            "/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/.test(document.documentElement.textContent)",
          ),
        ).toBe(false);
        expect(
          browser.said(/^(Page\.javascriptDialogOpening|Log\.entryAdded|Runtime\.(exceptionThrown|consoleAPICalled))$/),
        ).toEqual([]);
        expect(browser.said(/^Network\.requestWillBeSent$/)).toHaveLength(1);
      } finally {
        await browser.close();
      }
    }, 120_000);
  },
);
