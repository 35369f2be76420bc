import type { Entry } from "./entry.js";

/** The letters of each of the five columns between CPU and time, as the kernel prints them (trace_print_lat_fmt()). */
export const FLAG_COLUMNS: readonly { readonly title: string; readonly letters: Readonly<Record<string, string>> }[] = [
  {
    title: "irqs-off",
    letters: {
      ".": "interrupts and bottom halves are on",
      d: "interrupts are off",
      D: "interrupts and bottom halves are off",
      b: "bottom halves are off",
      X: "the architecture cannot tell (6.12)",
    },
  },
  {
    title: "need-resched",
    letters: {
      ".": "no reschedule is due",
      n: "a reschedule is due (TIF_NEED_RESCHED)",
      p: "a preemption is due (PREEMPT_NEED_RESCHED)",
      N: "both are due",
      l: "a lazy reschedule is due (since 6.13)",
      L: "a lazy reschedule and a preemption are due",
      b: "a reschedule and a lazy one are due",
      B: "all three are due",
    },
  },
  {
    title: "hardirq/softirq",
    letters: {
      ".": "an ordinary task",
      h: "in a hard interrupt",
      s: "in a soft interrupt",
      H: "in a hard interrupt that came during a soft one",
      z: "in an NMI",
      Z: "in an NMI that came during a hard interrupt",
    },
  },
  { title: "preempt-depth", letters: { ".": "preemption is on" } },
  { title: "migrate-disable", letters: { ".": "the task may move to another CPU" } },
];

/** What a digit in a column means. */
const DEPTHS: Readonly<Record<string, string>> = {
  "preempt-depth": "; a digit says how often it was switched off",
  "migrate-disable": "; a digit says how often that was forbidden",
};

/** trace_find_mark() (kernel/trace/trace_output.c). */
export const DELAYS = [
  ["$", "1 s"],
  ["@", "100 ms"],
  ["*", "10 ms"],
  ["#", "1 ms"],
  ["!", "100 us"],
  ["+", "10 us"],
] as const;

/** Explains flags as printed, `d..2.`; undefined where the word is none. */
export function flagsEntry(word: string): Entry | undefined {
  if (!/^[.dDbX][.npNlLbB][.hsHzZ][.0-9a-f][.0-9a-f]?$/.test(word)) return undefined;
  const parts = [...word].map((letter, i) => {
    const { title, letters } = FLAG_COLUMNS[i]!;
    const depth = i === 3 ? `preemption is off, ${letter} deep` : `migration is off, ${letter} deep`;
    return `${letter} ${title}: ${letters[letter] ?? depth}`;
  });
  return {
    means: `The flags of an event, one letter per column. ${parts.join("; ")}.`,
    example: `init-1       [001] ${word}     7.103571: ...`,
    advice: "`rbtool last` names the flags that a CPU had at its end.",
  };
}

/** Each column by its title, and the marks of long durations. */
export const COLUMNS: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(
    FLAG_COLUMNS.map(({ title, letters }, i) => [
      title,
      {
        means:
          `The ${["first", "second", "third", "fourth", "fifth"][i]} letter before an event's time: ` +
          `${Object.entries(letters)
            .map(([letter, what]) => `${letter} ${what}`)
            .join("; ")}${DEPTHS[title] ?? ""}.`,
        example: `${".".repeat(i)}${Object.keys(letters)[1] ?? "2"}${".".repeat(4 - i)}`,
        advice: "`rbtool explain d..2.` explains all five at once.",
      },
    ]),
  ),
  delay: {
    means: `A mark behind the flags (latency format) or before a duration (function graph) that took long: ${DELAYS.map(
      ([mark, than]) => `${mark} more than ${than}`,
    ).join("; ")}.`,
    example: "! 152.315 us  |  }",
    advice: "`rbtool latency` lists the worst of every kind.",
  },
};

/** Each mark of a long duration by itself; in a window without UTF-8 `timeline` has one of them for lost events. */
export const MARKS: Readonly<Record<string, Entry>> = Object.fromEntries(
  DELAYS.map(([mark, than]) => [
    mark,
    {
      means:
        `Behind the flags, or before a duration: it took more than ${than}.` +
        (mark === "!" ? " In `timeline`, where the window shows ASCII only: events of that CPU were lost." : "") +
        (mark === "+" ? " In `timeline`: a task that has no letter of its own." : ""),
      example: `${mark} 152.315 us  |  }`,
      advice: "`rbtool latency` lists the worst of every kind.",
    },
  ]),
);
