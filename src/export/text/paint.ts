/** Colours that names of tasks have, by a hash of the name: the same one everywhere. */
const TASKS = [32, 33, 34, 35, 36, 92, 94, 95, 96] as const;
const LOSS = 31;
const FLAGS = 33;

/** What stands before an event: the kernel's columns. */
const COLUMNS = /^( *)(.*?-\d+)( +)(\[\d+\] )?([.dbDX][.nlbpNLBPX][.zZhHs][.0-9a-f][.0-9a-f])?/;

type Columns = readonly [columns: string, margin: string, task: string, gap: string, cpu?: string, flags?: string];

/** Lines of the trace text with colours: losses and breaks, names of tasks, flags that are set. */
export function painted(lines: string): string {
  return lines
    .split("\n")
    .map((line) => (/^CPU:\d+ \[/.test(line) ? sgr(LOSS, line) : event(line)))
    .join("\n");
}

function event(line: string): string {
  const found = COLUMNS.exec(line);
  if (found === null) return line;
  const [columns, margin, task, gap, cpu = "", flags = ""] = found as unknown as Columns;
  const set = flags === "" || flags === "....." ? flags : sgr(FLAGS, flags);
  return `${margin}${sgr(TASKS[hashOf(task) % TASKS.length]!, task)}${gap}${cpu}${set}${line.slice(columns.length)}`;
}

function hashOf(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash;
}

function sgr(color: number, text: string): string {
  return `\u001b[${color}m${text}\u001b[0m`;
}
