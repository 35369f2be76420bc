import { hex } from "../ground/hex.js";
import { safeText } from "../ground/safe-text.js";
import type { MmapCpuReport, MmapLayoutReport } from "../report/mmap-layout.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";
import { time } from "./units.js";
import { heading, wrap } from "./wrap.js";

/** GET_READER by GET_READER. */
export function* stepsPart(report: MmapLayoutReport, cpu: MmapCpuReport, paper: Paper): Generator<string> {
  if (cpu.steps.length > 0) {
    yield heading(`CPU ${cpu.cpu}: TRACE_MMAP_IOCTL_GET_READER`, "ring_buffer_map_get_reader()", paper);
    const value = (step: (typeof cpu.steps)[number], field: string) =>
      `${step.meta.find(({ name }) => name === field)!.value}`;
    yield renderTable(
      [
        { title: "step", align: "right", keep: 10 },
        { title: "reader.id", align: "right", keep: 10 },
        { title: "what happens", keep: 8.5 },
        { title: "bytes to read", keep: 7 },
        { title: "events", align: "right", keep: 9 },
        { title: "first", align: "right", keep: 6 },
        { title: "last", align: "right", keep: 5 },
        { title: "lost", align: "right", keep: 8 },
        { title: "reader.read", align: "right", keep: 4 },
        { title: "read", align: "right", keep: 7 },
      ],
      cpu.steps.map((step) => [
        `${step.step}`,
        paper.style.reader(`${step.readerId}`),
        stepText(step),
        step.empty ? "" : `${step.from}..${step.to}`,
        `${step.events}`,
        time(step.firstTime === null ? undefined : BigInt(step.firstTime), report.nanoseconds),
        time(step.lastTime === null ? undefined : BigInt(step.lastTime), report.nanoseconds),
        step.lostEvents === 0 ? "0" : paper.style.warning(step.lostEvents < 0 ? "some" : `${step.lostEvents}`),
        value(step, "reader.read"),
        value(step, "read"),
      ]),
      paper,
    );
    yield `${wrap(`  flushed at each step: rb_flush_buffer_page: ${cpu.steps[0]!.flushes[0]!.call}() of the reader page, whole; rb_flush_meta: the meta page`, paper, "    ")}\n`;
    for (const step of cpu.steps) {
      yield warningsText(step.warnings, paper.style);
      if (step.list && step.list.length > 0) {
        yield paper.style.faint(`  step ${step.step}, sub-buffer ${step.readerId}\n`);
        for (const event of step.list)
          yield `    ${hex(event.mapOffset)}  ${time(BigInt(event.time), report.nanoseconds)}  ${event.length} bytes\n`;
      }
    }
  }
  if (cpu.fault)
    yield `\n${paper.style.error(`CPU ${cpu.cpu}: the kernel then fails in ${cpu.fault.function}()`)}: ${safeText(cpu.fault.message)}\n`;
}

function stepText(step: MmapCpuReport["steps"][number]): string {
  if (step.empty) return "nothing left";
  const swaps = step.swaps
    .filter(({ empty }) => !empty)
    .map(({ taken, given, id }) => `${taken} out, ${given} in as id ${id}`);
  const passed = step.swaps.filter(({ empty }) => empty).length;
  const skipped = passed > 0 ? `, ${passed} empty passed` : "";
  return `${swaps.length > 0 ? `swap: ${swaps.join("; ")}` : "reader page, no swap"}${skipped}`;
}

export function warningsText(warnings: readonly string[], style: Style): string {
  return warnings.map((text) => `  ${style.warning("the kernel would WARN")}: ${text}\n`).join("");
}
