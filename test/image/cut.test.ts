import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { check, inspect, openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { stateAfterBoot } from "../../src/user/state.js";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const whole = fixture("v7.3-read").bytes();

async function cutAt(length: number) {
  const image = await openImage(whole.subarray(0, length));
  const report = check(image, {}, { kernels: ["7.3.4"], all: false });
  return { image, diagnostics: inspect(image).diagnostics, report, kernel: report.kernels[0]! };
}

test.each([
  [300000, "CPU 1 from sub-buffer 7 on is missing"],
  [0x41800, "CPU 1 is missing"],
  [200000, "CPU 0 from sub-buffer 45 on and CPU 1 are missing"],
  [9000, "CPUs 0 to 1 are missing"],
])("a file that ends at %i is one finding", async (length, missing) => {
  const { diagnostics } = await cutAt(length);
  const offset = `0x${length.toString(16)}`;
  expect(diagnostics.filter(({ severity }) => severity !== "info")).toEqual([
    {
      code: "image-truncated",
      severity: "error",
      offset: length,
      message: `the file ends at ${length} of 524288 bytes: ${missing}; copy it again (at offset ${offset})`,
    },
  ]);
});

test.each([
  [200000, "CPU 0 from sub-buffer 47 on is missing"],
  [262144, undefined],
  [262200, "CPU 1 is missing"],
  [300000, "CPU 1 from sub-buffer 8 on is missing"],
  [520000, "CPU 1 from sub-buffer 61 on is missing"],
])("before 6.15, where no size is stored, the metas tell that a file ends early: at %i", async (length, missing) => {
  const whole = fixture("v6.12-rewind").bytes();
  const image = await openImage(whole.subarray(0, length));
  const cuts = inspect(image).diagnostics.filter(({ code }) => code === "image-truncated");
  if (missing === undefined) {
    // One CPU that is whole, in a file of a size that the kernel would give one: nothing tells of another.
    expect(cuts).toEqual([]);
    expect(image.cut).toBeUndefined();
    return;
  }
  const atLeast = length <= 262144 ? 262144 : whole.length;
  expect(cuts).toMatchObject([
    { message: expect.stringContaining(`ends at ${length} of at least ${atLeast} bytes: ${missing}; copy it again`) },
  ]);
  const report = check(image, {}, { kernels: ["6.12.107"], all: false });
  expect(schemaOf("check")(JSON.parse(JSON.stringify(report)))).toEqual([]);
  expect(report.cut).toMatchObject({ size: length, areaSize: atLeast, atLeast: true });
  expect(report.kernels[0]!.summary).toBe("unknown");
});

test("check judges the CPUs that are whole, and no other", async () => {
  const sound = check(await openImage(whole), {}, { kernels: ["7.3.4"], all: false }).kernels[0]!;
  for (const length of [300000, 0x41000, 0x41800]) {
    const { kernel, report } = await cutAt(length);
    expect(schemaOf("check")(JSON.parse(JSON.stringify(report)))).toEqual([]);
    expect(report.keepsEverything).toBe(false);
    expect(kernel.summary).toBe("unknown");
    expect(kernel.cpus[0]).toEqual(sound.cpus[0]);
    expect(kernel.keptEvents).toBe(sound.cpus[0]!.stats!.entries);
    expect(kernel.cpus[1]).toMatchObject({ verdict: "unknown", stats: null, rewound: null, discarded: null });
    expect(kernel.cpus[1]!.droppedEvents).toBeNull();
    expect(kernel.messages.filter((line) => line.includes("[1]"))).toEqual([]);
    expect(kernel.findings.filter(({ cpu }) => cpu === 1)).toEqual([]);
  }
});

test("recover says in line one that the image is cut, and exits 1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rbtool-cut-"));
  const [image, out] = [join(folder, "cut.bin"), join(folder, "out.bin")];
  try {
    writeFileSync(image, whole.subarray(0, 300000));
    for (const way of [["-k", "7.3.4"], ["--salvage"]]) {
      const { status, stdout } = await rbtool(["recover", ...way, "--force", "-o", out, image]);
      expect(status).toBe(1);
      expect(stdout.split("\n")[0]).toMatch(
        /the file ends at 300000 of 524288 bytes: CPU 1 from sub-buffer 7 on is miss/,
      );
      expect(stdout).not.toMatch(/\b0 readable events lost/);
      expect(readFileSync(out).length).toBe(whole.length);
      const json = JSON.parse((await rbtool(["recover", ...way, "--json", "--force", "-o", out, image])).stdout);
      expect(schemaOf("recover")(json)).toEqual([]);
      expect(json.cut).toMatchObject({ size: 300000, areaSize: 524288, cpus: [{ cpu: 1, fromSubbuf: 7 }] });
    }
    writeFileSync(image, whole);
    expect((await rbtool(["recover", "-k", "7.3.4", "--force", "-o", out, image])).status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("at every length check tells no more kept than readable", async () => {
  for (let length = 9000; length < whole.length; length += 20011) {
    const { kernel } = await cutAt(length);
    expect({ length, more: kernel.keptEvents > kernel.readableEvents }).toEqual({ length, more: false });
  }
});

test("a CPU whose memory is cut has no buffer to map, and the reason is told", async () => {
  const { image } = await cutAt(300000);
  const { cpus } = stateAfterBoot(image, kernelBehaviour("7.3.4"));
  expect(cpus.map((cpu) => cpu.buffer === undefined && cpu.why)).toEqual([
    false,
    "the image is cut within this CPU's memory",
  ]);
});
