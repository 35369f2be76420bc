import { explain, nearestWord, words } from "../explain/lookup.js";
import { UsageError } from "../ground/errors.js";
import { renderExplanations, renderWords } from "../render/explain.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { writeReport } from "./command.js";

export const spec: CommandSpec<CommonOptions> = {
  description:
    "Says what a word in rbtool's output means and what to do about it: a finding of inspect, a reason of check, the " +
    "evidence for a sub-buffer, the flags of an event, one of the kernel's own terms. Given a release, it lists what is special about that kernel. " +
    "Without a word, every word that has an explanation is listed.",
  arguments: [{ name: "[word...]", about: "the word, as it is printed; quotes are not needed for several" }],
  options: [],
  examples: [
    ["rbtool explain subbuf-torn", "a finding"],
    ["rbtool explain reader page", "one of the kernel's own terms"],
    ["rbtool explain d..2.", "the flags before an event's time"],
    ["rbtool explain 7.2.13", "what that kernel does differently"],
    ["rbtool explain --json subbuf-torn | jq -r '.explanations[].advice'", "for a script"],
  ],
  async run(args, options, context) {
    if (args.length === 0) {
      const list = words();
      const report = { schema: "rbtool/explain/1", word: null, explanations: [], words: list };
      await writeReport(context, options, report, (paper) => [renderWords(list, paper)]);
      return;
    }
    const word = args.join(" ");
    const explanations = explain(word);
    if (explanations.length === 0) {
      const near = nearestWord(word);
      throw new UsageError(
        `no explanation of '${word}'${near === undefined ? "; `rbtool explain` lists the words" : ` (did you mean ${near}?)`}`,
      );
    }
    const report = {
      schema: "rbtool/explain/1",
      word,
      explanations: explanations.map(({ word: name, kind, means, example, advice }) => ({
        word: name,
        kind,
        means,
        example,
        advice,
      })),
      words: [],
    };
    await writeReport(context, options, report, (paper) => [renderExplanations(explanations, paper)]);
  },
};
