import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { COLLECT_SCRIPT } from "../../src/system/collect-script.js";
import { buildContext } from "../../src/system/context.js";
import { gatherSystem } from "../../src/system/load.js";
import { sampleBtf } from "./make-btf.js";

const FORMAT = `name: thing
ID: 300
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int value;\toffset:8;\tsize:4;\tsigned:1;

print fmt: "value=%d", REC->value
`;

test("the script is one that a shell can read", () => {
  execFileSync("sh", ["-n"], { input: COLLECT_SCRIPT });
});

test("what it makes of a tracefs is what --system takes", async () => {
  const work = mkdtempSync(join(tmpdir(), "rbtool-test-"));
  try {
    const tracefs = join(work, "tracing");
    mkdirSync(join(tracefs, "events/group/thing"), { recursive: true });
    writeFileSync(join(tracefs, "events/group/thing/format"), FORMAT);
    writeFileSync(join(tracefs, "events/header_page"), "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n");
    writeFileSync(join(tracefs, "events/header_event"), "# compressed entry header\n");
    writeFileSync(join(tracefs, "printk_formats"), '0xffffffff82000000 : "text"\n');
    writeFileSync(join(tracefs, "saved_cmdlines"), "42 some task\n");
    writeFileSync(join(tracefs, "trace_clock"), "[local] global\n");
    writeFileSync(join(tracefs, "dynamic_events"), "p:kprobes/open do_sys_open\n");
    mkdirSync(join(work, "btf"));
    writeFileSync(join(work, "btf/vmlinux"), sampleBtf().kernel);
    writeFileSync(join(work, "btf/driver"), sampleBtf().module);
    const script = COLLECT_SCRIPT.replaceAll("/sys/kernel/tracing", tracefs)
      .replaceAll("/sys/kernel/debug/tracing", tracefs)
      .replaceAll("/sys/kernel/btf", join(work, "btf"));
    const archive = join(work, "out.tar.gz");
    execFileSync("sh", ["-s", "--", archive], { input: script, stdio: ["pipe", "pipe", "pipe"] });
    const piped = execFileSync("sh", ["-s", "--", "-"], { input: script, stdio: ["pipe", "pipe", "pipe"] });
    expect(piped.length).toBeGreaterThan(100);
    const context = buildContext((await gatherSystem([archive])).collected, { littleEndian: true, longSize: 8 });
    expect(context.formats.get(300)).toMatchObject({ system: "group", name: "thing" });
    expect(context.types?.enumeratorValues("ONLY_HERE")).toEqual([7n]);
    expect(context.cmdlines.get(42)).toBe("some task");
    expect(Buffer.from(context.files.traceClock!).toString()).toContain("[local]");
    expect(context.printkFormats?.count).toBe(1);
    expect(context.release).toMatch(/^\d+\.\d+/);
  } finally {
    rmSync(work, { recursive: true });
  }
});
