import { expect, test } from "@jest/globals";
import type { Abi } from "../../src/ground/abi.js";
import { parseRelease } from "../../src/ground/release.js";
import type { Layout } from "../../src/image/detect/layout-kinds.js";
import { traceFileBehaviour, traceFileBehaviourOf } from "../../src/kernel/versions/printing.js";
import { optionsHeader } from "../../src/text/header.js";
import { LatencyColumn } from "../../src/text/latency.js";
import { TRACE_OPTION_DEFAULTS } from "../../src/text/trace-options.js";

test("the lower four bits of preempt_count are its depth, the upper four that of migrate_disable", () => {
  const column = new LatencyColumn(true);
  expect([0x00, 0x01, 0x0f, 0x10, 0x80, 0xf3].map((count) => column.text(0, count))).toEqual([
    ".....",
    "...1.",
    "...f.",
    "....1",
    "....8",
    "...3f",
  ]);
});

test("interrupts: hard, soft, both, and NMIs in and outside of hard ones", () => {
  const [NMI, HARD, SOFT] = [0x40, 0x08, 0x10];
  const column = new LatencyColumn(true);
  const shown = [0, HARD, SOFT, HARD | SOFT, NMI, NMI | HARD, NMI | SOFT, NMI | HARD | SOFT];
  expect(shown.map((flags) => column.text(flags, 0)[2])).toEqual([".", "h", "s", "H", "z", "Z", "z", "Z"]);
});

test("PREEMPT_RT has lazy rescheduling in 6.12 already", () => {
  const layout = { since: "6.12.0", until: "6.15.0" } as unknown as Layout;
  const shown = (release: string) => {
    const column = new LatencyColumn(traceFileBehaviourOf(release, layout).lazyResched);
    return [
      [0x03, 0x03],
      [0x02, 0x00],
      [0x2f, 0x02],
      [0x02, 0x01],
    ].map(([flags, count]) => column.text(flags!, count!));
  };
  // As 6.12.117+deb13-rt-amd64 printed.
  expect(shown("6.12.117+deb13-rt-amd64")).toEqual(["dl.3.", ".l...", "dBh2.", ".l.1."]);
  expect(shown("6.12.117+deb13-amd64")).toEqual(["d..3.", "X....", "dNh2.", "X..1."]);
});

test("the head names the preemption model in the words of its release", () => {
  const model = (release: string, isX86 = true, longSize: Abi["longSize"] = 8) => {
    const head = { entries: 178, written: 178, onlineCpus: 2, irqInfo: true, isX86, longSize };
    const options = { ...TRACE_OPTION_DEFAULTS, latencyFormat: true };
    const text = optionsHeader(head, release, options, traceFileBehaviour(parseRelease(release)!));
    return text.split("\n").find((line) => line.startsWith("# latency"));
  };
  // As these two kernels printed.
  expect(model("6.12.107+deb13-cloud-amd64")).toBe(
    "# latency: 0 us, #178/178, CPU#0 | (M:desktop VP:0, KP:0, SP:0 HP:0 #P:2)",
  );
  expect(model("7.3.4+deb13-cloud-amd64")).toBe(
    "# latency: 0 us, #178/178, CPU#0 | (M:PREEMPT(lazy) VP:0, KP:0, SP:0 HP:0 #P:2)",
  );
  // As riscv64, arm64 and s390x printed.
  expect(model("7.2.13+deb14-riscv64", false)).toContain("(M:PREEMPTLAZY VP:0,");
  // As armhf did, which has no lazy preemption.
  expect(model("7.2.13+deb14-armmp-lpae", false, 4)).toContain("(M:VOLUNTARY VP:0,");
  expect(model("6.12.107+deb13-rt-amd64")).toContain("(M:preempt_rt VP:0,");
  expect(model("7.3.4+deb13-rt-amd64")).toContain("(M:PREEMPT_{RT,(full)} VP:0,");
});
