import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitStatus } from "../../../../src/ground/exit-status.js";
import { COLLECTED } from "../../collection.js";
import { openDump } from "../../kernel-text.js";
import { rbtool } from "../../run.js";
import { UNSAFE_CHARACTERS } from "../../unsafe.js";
import { aimAt } from "../aim.js";
import type { Dice } from "../dice.js";
import { holds, type Kind } from "../kind.js";
import { mutated } from "../mutate.js";

const LARGEST = 1024 * 1024;
/** All that such an image can hold, printed. */
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** Whole command lines over damaged images: no fault of the program's own, and nothing unsafe at a terminal. */
export const commands: Kind = {
  name: "commands",
  async prepare(dumps) {
    const folder = mkdtempSync(join(tmpdir(), "rbtool-mutations-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const [path, out] = [join(folder, "image"), join(folder, "out")];
    const bases = dumps.flatMap((dump) => {
      const image = openDump(dump);
      const { size } = image.source;
      if (size > LARGEST) return [];
      return [{ dump, bytes: image.source.read(0, size), aim: aimAt(image) }];
    });
    return async (dice) => {
      const { dump, bytes: sound, aim } = dice.of(bases);
      writeFileSync(path, mutated(sound, dice, aim));
      const system = COLLECTED && dice.chance(0.5) ? ["--system", dump.kernelFiles] : [];
      const words = lineOf(dice, { path, out, system });
      const columns = dice.chance(0.7) ? dice.of([50, 80, 200]) : undefined;
      const { status, stdout, stderr } = await rbtool(words, columns === undefined ? {} : { columns });
      const line = words.filter((word) => word !== path).join(" ");
      holds(status !== ExitStatus.Bug, () => `${line}: ${stderr}`);
      holds(stdout.length < LONGEST_OUTPUT, () => `${line}: ${stdout.length} characters`);
      holds(!unsafe(stderr), () => `${line}: unsafe on standard error: ${JSON.stringify(stderr)}`);
      if (columns === undefined) return;
      const at = unsafe(stdout.replace(COLOURS, ""));
      holds(!at, () => `${line}: unsafe at the terminal: ${JSON.stringify(at)}`);
    };
  },
};

/** What colours are made of. */
const COLOURS = /\u001b\[[0-9;]*m/g;

function unsafe(text: string): string | undefined {
  return UNSAFE_CHARACTERS.exec(text.replace(/[\n\t]/g, ""))?.[0];
}

interface Files {
  readonly path: string;
  readonly out: string;
  readonly system: readonly string[];
}

function lineOf(dice: Dice, { path, out, system }: Files): string[] {
  const some = (...words: string[]) => (dice.chance(0.25) ? words : []);
  const release = dice.of(["6.12.30", "6.16", "6.18", "7.1", "7.2", "7.3.4"]);
  const json = some("--json");
  const lines: (() => string[])[] = [
    () => ["inspect", ...some("--pages"), ...json, path],
    () => ["check", ...some("-k", release), ...json, path],
    () => ["page", ...json, path, `${dice.below(4)}:${dice.below(70)}`],
    () => ["events", "--no-live", "--force", ...system, ...some("--json-lines"), ...some("--consumed"), path],
    () => ["events", "--no-live", "--force", ...system, ...some("--as-kernel"), "--kernel", release, path],
    () => ["events", "--no-live", "--force", ...system, "--head", "20", ...some("--strict"), path],
    () => ["stats", "--no-live", "--force", ...system, ...json, path],
    () => ["last", "--no-live", "--force", ...system, ...json, path],
    () => ["timeline", "--no-live", "--force", ...system, path],
    () => ["latency", "--no-live", "--force", ...system, ...json, path],
    () => ["mmap-layout", ...some("--as-is"), ...json, path],
    () => ["diff", ...some("--as-is"), ...json, path],
    () => ["recover", ...some("--salvage"), "--force", "-o", out, path],
    () => ["locate", ...some("--deep"), path],
    () => [
      ...["export", "--no-live", "--force", ...system, "-o", out, "--to"],
      ...[dice.of(["ndjson", "csv", "perfetto", "chrome", "firefox", "trace.dat", "arrow", "speedscope"]), path],
    ],
  ];
  return dice.of(lines)();
}
