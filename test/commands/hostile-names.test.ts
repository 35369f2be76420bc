import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { layoutOf, RING_BUFFER_META, TRACE_SCRATCH } from "../../src/ring/structs.js";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { rbtool } from "../support/run.js";
import { HOSTILE, UNSAFE_CHARACTERS } from "../support/unsafe.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-names-"));
afterAll(() => rmSync(folder, { recursive: true }));

const utf8 = Buffer.from(HOSTILE, "utf8").toString("latin1");
const PID = 42;
const TRACE_PRINT = 5;
const OWN = 300;

/** An image with hostile text in every place that holds text: names of modules, what was printed, what a field says. */
function hostileImage(): Uint8Array {
  const bytes = madeImage(LE64, [
    (page) => {
      for (let i = 0; i < 3; i++)
        page
          .event(1000, payload(LE64, TRACE_PRINT, PID, [[8, 0xffffffff81001000n], `${utf8}\n`]))
          .event(1000, payload(LE64, OWN, PID, [`${utf8}${"\0".repeat(40 - utf8.length - 1)}`]));
    },
  ]);
  const view = new DataView(bytes.buffer);
  const at = layoutOf(RING_BUFFER_META, LE64).size;
  const scratch = layoutOf(TRACE_SCRATCH, LE64);
  view.setUint32(at + scratch.offsets.nr_entries, 1, true);
  view.setBigUint64(at + scratch.offsets.text_addr, 0xffffffff81000000n, true);
  view.setBigUint64(at + scratch.size, 0xffffffffc0000000n, true);
  bytes.set(Buffer.from(`${utf8}\0`, "latin1"), at + scratch.size + 8);
  return bytes;
}

const image = join(folder, `${HOSTILE}.bin`);
const other = join(folder, `other ${HOSTILE}.bin`);
const formats = join(folder, `events ${HOSTILE}`);
const cmdlines = join(folder, `cmdlines ${HOSTILE}`);
const bytes = hostileImage();
writeFileSync(image, bytes);
writeFileSync(
  other,
  bytes.map((byte, i) => (i === bytes.length - 100 ? 1 : byte)),
);
writeFileSync(cmdlines, `${PID} ${HOSTILE}\n`);
mkdirSync(join(formats, HOSTILE, HOSTILE), { recursive: true });
writeFileSync(
  join(formats, HOSTILE, HOSTILE, "format"),
  `name: ${HOSTILE}
ID: ${OWN}
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char what[40];	offset:8;	size:40;	signed:0;

print fmt: "${HOSTILE} %s", REC->what
`,
);

const named = ["--events", formats, "--cmdlines", cmdlines, "--release", `7.3.4${HOSTILE}`];
const SHOWN: readonly (readonly string[])[] = [
  ["inspect", "--pages", image],
  ["inspect", "--json", image],
  ["page", image, "0:1"],
  ["page", "--json", image, "0:1"],
  ["check", image],
  ["check", "-k", "7.3.4", image],
  ["check", "--json", image],
  ["recover", "--force", "-k", "7.3.4", "-o", join(folder, `out ${HOSTILE}`), image],
  ["recover", "--force", "--salvage", "-o", join(folder, `out ${HOSTILE}`), image],
  ["recover", "--force", "--salvage", "--json", "-o", join(folder, `out ${HOSTILE}`), image],
  ["mmap-layout", "--follow", "--events", image],
  ["mmap-layout", "--json", image],
  ["diff", image],
  ["diff", image, other],
  ["diff", "--json", image, other],
  ...[
    [],
    ["--latency"],
    ["--columns", "task,time,place", "--delta"],
    ["--raw"],
    ["--fields"],
    ["--graph"],
    ["--graph-options", "proc"],
    ["--tail", "2"],
    ["--json"],
    ["--json-lines"],
    ["--as-kernel", "--kernel", "7.3.4"],
    ["--as-kernel", "--kernel", "7.3.4", "--trace-options", "bin"],
    ["--as-kernel", "--kernel", "7.3.4", "--trace-options", "latency-format,verbose"],
    ["--comm", "*"],
  ].map((options) => ["events", ...named, ...options, image]),
  ["stats", ...named, image],
  ["stats", "--json", ...named, image],
];

const REFUSED: readonly (readonly string[])[] = [
  [HOSTILE],
  [`--${HOSTILE}`],
  ["help", HOSTILE],
  ["inspect", `--${HOSTILE}`, image],
  ["inspect", join(folder, `none ${HOSTILE}`)],
  ["inspect", cmdlines],
  ["inspect", folder],
  ["inspect", "--cpu", HOSTILE, image],
  ["inspect", "--phys", HOSTILE, image],
  ["inspect", "--color", HOSTILE, image],
  ["inspect", image, HOSTILE],
  ["page", image, HOSTILE],
  ["check", "-k", HOSTILE, image],
  ["recover", "-k", "7.3.4", "-o", join(folder, `none ${HOSTILE}`, HOSTILE), image],
  ["recover", "-k", "7.3.4", "-o", image, image],
  ["mmap-layout", "--write", join(image, HOSTILE), image],
  ["events", "--system", join(folder, `none ${HOSTILE}`), image],
  ["events", "--events", image, image],
  ["events", ...named, "--filter", `${HOSTILE} == 1`, image],
  ["events", ...named, "--filter", `what == "${HOSTILE}`, image],
  ["events", ...named, "--since", HOSTILE, image],
  ["events", ...named, "--columns", HOSTILE, image],
  ["events", ...named, "--graph-options", HOSTILE, image],
  ["events", ...named, "--as-kernel", "--kernel", HOSTILE, image],
  ["events", ...named, "--as-kernel", "--kernel", "7.3.4", "--trace-options", HOSTILE, image],
  ["stats", ...named, "--pid", HOSTILE, image],
];

const visible = (args: readonly string[]) => args.map((arg) => encodeURI(arg.replaceAll(folder, ""))).join(" ");
const found = (text: string) => UNSAFE_CHARACTERS.exec(text.replace(/[\n\t]/g, ""));

test.each(SHOWN.map((args) => [visible(args), args] as const))("at a terminal: %s", async (_, args) => {
  const { status, stdout, stderr } = await rbtool(args, { columns: 200, env: { NO_COLOR: "1" } });
  expect([0, 1]).toContain(status);
  expect(stdout).not.toBe("");
  expect(found(stdout)).toBeNull();
  expect(found(stderr)).toBeNull();
});

test.each(REFUSED.map((args) => [visible(args), args] as const))("refused: %s", async (_, args) => {
  const { status, stderr } = await rbtool(args, { columns: 200, env: { NO_COLOR: "1" } });
  expect([2, 3]).toContain(status);
  expect(stderr).not.toBe("");
  expect(found(stderr)).toBeNull();
});

test("the names are there, made visible", async () => {
  const seen = "\\x1b[31mX\\x9b0m\\u{202e}gpj\\u{200b}\\u{2066}\\u{e0041}\\x7f";
  const text = async (...args: string[]) => (await rbtool(args, { columns: 200, env: { NO_COLOR: "1" } })).stdout;
  expect(await text("events", ...named, image)).toContain(`e${seen}-${PID}`);
  expect(await text("stats", ...named, image)).toContain(`e${seen}`);
  expect(await text("inspect", image)).toContain(`e${seen}.bin: `);
});

test("a pipe gets the bytes as they are", async () => {
  const { stdout } = await rbtool(["events", ...named, image]);
  expect(stdout).toContain(`${HOSTILE}-${PID}`);
  expect(stdout).toContain(`: ${HOSTILE}\n`);
});
