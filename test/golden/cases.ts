import type { RunOptions } from "../support/run.js";

/** A command line and where it runs; what it prints lies in expected/NAME.txt. `@NAME` stands for a fixture's image. */
export interface GoldenCase extends RunOptions {
  readonly name: string;
  readonly command: string;
}

export const CASES: readonly GoldenCase[] = [
  { name: "no-command", command: "" },
  { name: "help", command: "help" },
  { name: "help-inspect", command: "help inspect" },
  { name: "help-page", command: "help page" },
  { name: "unknown-command", command: "inspct @v7.3-few" },
  { name: "unknown-option", command: "inspect --pgaes @v7.3-few" },
  { name: "no-image-at-terminal", command: "inspect" },
  { name: "no-such-file", command: "inspect nothing.bin" },
  { name: "not-an-image", command: "inspect LICENSE" },
  { name: "inspect", command: "inspect @v7.3-read" },
  { name: "inspect-terminal-wide", command: "inspect @v7.3-read", columns: 160 },
  { name: "inspect-terminal-narrow", command: "inspect @v7.3-read", columns: 80 },
  { name: "inspect-no-color", command: "inspect @v7.3-few", columns: 160, env: { NO_COLOR: "1" } },
  { name: "inspect-color-always", command: "inspect --color always @v7.3-few" },
  { name: "inspect-per-cpu", command: "inspect @v6.12-rewind" },
  { name: "inspect-big-endian", command: "inspect @s390x-7.2-few" },
  { name: "inspect-32-bit", command: "inspect @armhf-7.2-few" },
  { name: "inspect-64k", command: "inspect @ppc64le-64k-7.2-few" },
  { name: "inspect-empty", command: "inspect @v7.3-empty" },
  { name: "inspect-pages", command: "inspect --pages --cpu 1 @v7.1-rewind" },
  { name: "inspect-phys", command: "inspect --phys 0x17ff46000 --cpu 0 @v7.3-few" },
  { name: "inspect-json", command: "inspect --json --cpu 0 @v7.3-few" },
  { name: "inspect-bad-cpu", command: "inspect --cpu 7 @v7.3-few" },
  { name: "page", command: "page @v7.3-few 0:1" },
  { name: "page-color", command: "page --color always @v7.3-few 0:1" },
  { name: "page-by-index", command: "page @v7.3-few 1:@1" },
  { name: "page-json", command: "page --json @v7.3-few 0:1" },
  { name: "page-bad", command: "page @v7.3-few 0:999" },
];
