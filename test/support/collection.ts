import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

export const REPOSITORY = resolve(import.meta.dirname, "../..");
export const FIXTURES = join(REPOSITORY, "fixtures");

const COLLECTION = resolve(process.env.RBTOOL_DUMPS ?? join(REPOSITORY, "../shared/dumps"));
/** Whether the big collection is at hand. */
export const COLLECTED = existsSync(COLLECTION);
/** Where the real images lie: the big collection where it is at hand, else the repository's own. */
export const DUMPS = COLLECTED ? COLLECTION : join(FIXTURES, "dumps");
/** Beside them: per kernel its formats, symbols and strings; damaged images, and what real kernels made of them. */
export const KERNELS = join(DUMPS, "../kernels");
export const ORACLE = join(DUMPS, "../oracle");
/** A whole machine's memory after a panic; in the big collection alone. */
export const PANIC = join(DUMPS, "../memory/panic-6.12.117");

if (!COLLECTED)
  process.stderr.write(`\n*** SKIPPED: no ${COLLECTION}: only fixtures/ is read (set RBTOOL_DUMPS) ***\n\n`);
if (!existsSync(ORACLE)) process.stderr.write(`\n*** SKIPPED: no ${ORACLE}: no damaged images are tested ***\n\n`);
