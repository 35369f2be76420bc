import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseCmdlines } from "../../../../src/system/symbols/cmdlines.js";
import { Kallsyms } from "../../../../src/system/symbols/kallsyms.js";
import { parseModules } from "../../../../src/system/symbols/modules.js";
import { PrintkFormats } from "../../../../src/system/symbols/printk-formats.js";
import { KERNELS } from "../../collection.js";
import { releases } from "../../formats.js";
import { holds, type Kind } from "../kind.js";
import { mutated, mutatedText } from "../mutate.js";

/** As much of it as is searched in no time: its beginning, and the modules at its end. */
const PART = 24 * 1024;

const MADE = `ffffffff81000000 T _text
ffffffff81000000 T _stext
ffffffff81000100 t one
ffffffff81000100 t two
ffffffff81000180 W three
ffffffff83200000 B _end
ffffffffc0001000 t inner\t[mod]
ffffffffc0001100 t other\t[mod]
ffffffffc0005000 t alone\t[second]
`;
const WORDS = ["\t[mod]", "[", "]", "\n", " T _text\n", "0000000000000000", "ffffffffffffffff", " ", "g", " t "];

/** kallsyms and the small files beside it: each address has a name or none, and the same at every time of asking. */
export const kallsyms: Kind = {
  name: "kallsyms",
  async prepare() {
    const parts = releases().flatMap((release) => {
      const path = join(KERNELS, release, "kallsyms.gz");
      if (!existsSync(path)) return [];
      const bytes = gunzipSync(readFileSync(path));
      return [Buffer.concat([bytes.subarray(0, PART), bytes.subarray(-PART)])];
    });
    const made = Buffer.from(MADE);
    return (dice) => {
      const textual = dice.chance(0.5);
      const base = parts.length === 0 || textual ? made : dice.of(parts);
      const file = textual ? Buffer.from(mutatedText(MADE, dice, WORDS), "latin1") : mutated(base, dice);
      const symbols = new Kallsyms(file);
      const address = (): bigint => {
        const line = Buffer.from(file.subarray(0, 16)).toString("latin1");
        const near = /^[0-9a-f]{16}/.test(line) ? BigInt(`0x${line}`) : 0xffffffff81000000n;
        return BigInt.asUintN(64, near + BigInt(dice.below(1 << 30)) - BigInt(dice.below(1 << 12)));
      };
      if (dice.chance(0.5))
        symbols.relocate({ text: address(), modules: [{ name: dice.of(["mod", "second", "x"]), address: address() }] });
      for (let i = 0; i < 8; i++) {
        const at = address();
        const hit = symbols.lookup(at);
        if (hit !== undefined) {
          holds(hit.offset >= 0n && hit.size >= 0n, () => `offset ${hit.offset} of ${hit.size}`);
          holds(hit.name === symbols.lookup(at)?.name, "an address has two names");
        }
        const [high, low] = [Number(at >> 32n), Number(at & 0xffffffffn)];
        for (const style of ["S", "s", "B"] as const) {
          const shown = symbols.render(high, low, style);
          holds(shown === symbols.render(high, low, style), "an address is shown in two ways");
        }
        symbols.unrelocate(at);
        symbols.relocated(at);
      }
      symbols.find(["_text", "one"]);
      holds(symbols.inWritingBoot().length <= 2 * file.length + 64, "kallsyms grew");
      const other = Buffer.from(file).toString("latin1");
      parseCmdlines(other);
      parseModules(other);
      new PrintkFormats(other);
    };
  },
};
