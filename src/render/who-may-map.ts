import type { WhoReport } from "../report/who-may-map.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";
import { wrap } from "./wrap.js";

type Answer = Omit<WhoReport["rows"][number]["answers"][number], "memory">;

/** What mmap() answers, as a clause. */
export function answerText(answer: Answer, style: Style): string {
  const inferred = answer.inferred ? " (not known of this release: inferred from those beside it)" : "";
  if (answer.unsafe) return `${style.error("not refused, and not safe")}: ${answer.unsafe}${inferred}`;
  if (answer.swallowed)
    return `${style.error("returns success and maps nothing")}: ${answer.errno} is lost: ${answer.why}; access is SIGBUS`;
  if (answer.allowed) return `${style.good("allowed")}${inferred}`;
  const early =
    answer.errnoReadOnlyFile !== null && answer.errnoReadOnlyFile !== answer.errno
      ? `; ${answer.errnoReadOnlyFile} from mmap() itself where the file is opened read-only`
      : "";
  return `${style.error(errnoText(answer))} in ${answer.function}(): ${answer.why}${early}${inferred}`;
}

export function errnoText(answer: Answer | undefined): string {
  if (!answer) return "there is no CPU";
  if (answer.errno === null) return answer.why;
  return `${answer.errno} (${answer.errnoNumber}, ${answer.errnoText})`;
}

/** The table of --who-may-map. */
export function renderWho(report: WhoReport, paper: Paper): string {
  const kinds = report.rows[0]!.answers.map(({ memory }) => memory);
  const cell = (answer: WhoReport["rows"][number]["answers"][number]): string => {
    const mark = answer.inferred ? " ?" : "";
    if (answer.unsafe) return paper.style.error(`unsafe${mark}`);
    if (answer.allowed) return paper.style.good(`yes${mark}`);
    return paper.style.error(`${answer.errno}${mark}`);
  };
  const table = renderTable(
    [{ title: "Linux" }, ...kinds.map((title, i) => ({ title, keep: kinds.length - i }))],
    report.rows.map(({ kernel, answers }) => [kernel, ...answers.map(cell)]),
    paper,
  );
  return `${wrap("Who may map per_cpu/cpuN/trace_pipe_raw shared and read-only (tracing_buffers_mmap()):", paper)}\n${table}${paper.style.faint(
    wrap(
      "? not known of this release: inferred. unsafe: not refused, but virt_to_page() of a vmap address. Errors of --prot, --flags, --pgoff and --length come after these.",
      paper,
    ),
  )}\n`;
}
