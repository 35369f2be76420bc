import { safeText } from "../ground/safe-text.js";
import type { Paper } from "./paper.js";
import { wrap } from "./wrap.js";

interface Shown {
  readonly word: string;
  readonly kind: string;
  readonly means: string;
  readonly example: string;
  readonly advice: string;
}

/** What a word means, for a person. */
export function renderExplanations(list: readonly Shown[], paper: Paper): string {
  const titles = new Set<string>();
  return list
    .map(({ word, kind, means, example, advice }) => {
      const title = `${paper.style.heading(safeText(word))} (${kind})`;
      const again = titles.has(title);
      titles.add(title);
      return [
        ...(again ? [] : [title]),
        wrap(`  ${means}`, paper, "  "),
        wrap(`  ${paper.style.faint("for example:")} ${example}`, paper, "    "),
        wrap(`  ${paper.style.faint("what to do:")} ${advice}`, paper, "    "),
      ].join("\n");
    })
    .map((part) => `${part}\n`)
    .join("");
}

/** Every word that the window can show, by kind. */
export function renderWords(
  list: readonly { readonly kind: string; readonly words: readonly string[] }[],
  paper: Paper,
): string {
  return list
    .map(({ kind, words }) => {
      const shown = words.filter((word) => paper.unicode || !/[^ -~]/.test(word));
      return `${paper.style.heading(kind)}\n${wrap(`  ${shown.join(", ")}`, paper, "  ")}\n`;
    })
    .join("\n");
}
