import { UsageError } from "../../../../src/ground/errors.js";
import { writingKernel } from "../../../../src/system/writing-kernel.js";
import { openTrace } from "../../../../src/trace/open.js";
import { fixture } from "../../images.js";
import { dumpContext, openDump } from "../../kernel-text.js";
import { holds, type Kind, unless } from "../kind.js";
import { mutatedText } from "../mutate.js";

const FILTERS = [
  'common_pid == 140 && id != 17 || ret < -1 && comm ~ "sh*"',
  '!(prev_state & 0x1) && prev_comm != "bash" || next_prio >= 120',
  "((nr == 0 || nr == 1) && args[0] > 2)",
  'name ~ "*a?c" && CPU & CPUS{0-3,5}',
  "ip.function == vfs_read",
];
const TIMES = ["-200ms", "5.503700", "1.5s", "-1us", "6.9", "0", "100%"];
const GLOBS = ["sched_*", "sched:*", "sys_[ab]*", "[!a]*", "*", "raw_syscalls:sys_enter"];
const WORDS = [
  "(",
  ")",
  "!",
  "&&",
  "||",
  "==",
  "~",
  "&",
  '"',
  "'",
  "\\",
  "*",
  "[",
  "]",
  "0x",
  "-",
  "CPUS{",
  "common_pid",
];

/** Filters, times and globs as a person mistypes them: a trace, or one line that says what is wrong. */
export const filters: Kind = {
  name: "filters",
  async prepare() {
    const dump = fixture("v7.3-few");
    const image = openDump(dump);
    const writer = writingKernel(dumpContext(dump));
    const all = openTrace(image, writer).entries();
    return (dice) => {
      const text = (texts: readonly string[]) => mutatedText(dice.of(texts), dice, WORDS);
      const spec = {
        filter: dice.chance(0.7) ? text(FILTERS) : undefined,
        events: dice.chance(0.2) ? [text(GLOBS)] : undefined,
        comms: dice.chance(0.1) ? [text(GLOBS)] : undefined,
        functions: dice.chance(0.1) ? [text(GLOBS)] : undefined,
        since: dice.chance(0.1) ? text(TIMES) : undefined,
        until: dice.chance(0.1) ? text(TIMES) : undefined,
      };
      // What a filter means for an event is looked at when the first of its type comes.
      const chosen = unless([UsageError], () => {
        let events = 0;
        for (const _ of openTrace(image, writer, spec).events()) events++;
        return events;
      });
      holds((chosen ?? 0) <= all, "a filter chose more events than there are");
    };
  },
};
