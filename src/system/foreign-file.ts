import { InputError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";
import { parseRelease } from "../ground/release.js";
import { isCmdlines } from "./symbols/cmdlines.js";
import { isKallsyms } from "./symbols/parse-kallsyms.js";
import { isPrintkFormats } from "./symbols/printk-formats.js";

interface Look {
  readonly fits: (bytes: Uint8Array) => boolean;
  readonly otherwise: string;
}

/** A release has 64 characters at most (__NEW_UTS_LEN). */
const MAX_RELEASE = 256;

/** How files begin that go by a name, or by an option, alone. */
const LOOKS: ReadonlyMap<string, Look> = new Map([
  ["kallsyms", { fits: isKallsyms, otherwise: "no symbols in it" }],
  ["printkFormats", { fits: isPrintkFormats, otherwise: "no strings in it, as printk_formats has them" }],
  ["cmdlines", { fits: isCmdlines, otherwise: "no names of tasks in it, as saved_cmdlines has them" }],
  [
    "release",
    {
      fits: (bytes: Uint8Array) => bytes.length < MAX_RELEASE && parseRelease(latin1(bytes)) !== undefined,
      otherwise: "no release in it, as uname -r tells it",
    },
  ],
]);

/**
 * In words, why it is another file of that name. An empty one is none: a kernel may have no strings and know no task, and
 * what could not be collected is empty.
 */
export function whyForeign(kind: string, bytes: Uint8Array): string | undefined {
  const look = LOOKS.get(kind);
  return look === undefined || bytes.length === 0 || look.fits(bytes) ? undefined : look.otherwise;
}

/** Throws InputError for such a file. */
export function refuseForeign(kind: string, path: string, bytes: Uint8Array): Uint8Array {
  const why = whyForeign(kind, bytes);
  if (why !== undefined) throw new InputError(`${path}: ${why}`);
  return bytes;
}
