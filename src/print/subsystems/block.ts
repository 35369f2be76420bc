import { arg, type Calls, type Emit, named, since, text, uint } from "../call.js";
import type { PrintEnv } from "../env.js";
import type { PrintedRecord } from "../record.js";

/** block/blk-core.c blk_op_str(): enum req_op of include/linux/blk_types.h (6.12.117 and 7.3.4). */
const OPERATIONS: Readonly<Record<number, string>> = {
  0: "READ",
  1: "WRITE",
  2: "FLUSH",
  3: "DISCARD",
  5: "SECURE_ERASE",
  7: "ZONE_APPEND",
  9: "WRITE_ZEROES",
  11: "ZONE_OPEN",
  13: "ZONE_CLOSE",
  15: "ZONE_FINISH",
  17: "ZONE_RESET",
  19: "ZONE_RESET_ALL",
  34: "DRV_IN",
  35: "DRV_OUT",
};

/** block/blk-zoned.c blk_zone_cond_str(): include/uapi/linux/blkzoned.h. */
const ZONE_CONDITIONS: Readonly<Record<number, string>> = {
  0: "NOT_WP",
  1: "EMPTY",
  2: "IMP_OPEN",
  3: "EXP_OPEN",
  4: "CLOSED",
  13: "READONLY",
  14: "FULL",
  15: "OFFLINE",
};

const SINCE_ACTIVE = { ...ZONE_CONDITIONS, 255: "ACTIVE" };

/** The name that was found last, by what prints. */
const found = new WeakMap<PrintEnv, string>();

/** blk_zone_cond_str() keeps the name that it found last, and returns it for a number without one. */
const zoneCondition = (names: Readonly<Record<number, string>>): Emit => {
  const nameOf = ({ env }: PrintedRecord, i: number): string => {
    const name = names[i];
    if (name !== undefined) found.set(env, name);
    return name ?? (env.kernelFields ? found.get(env) : undefined) ?? "UNKNOWN";
  };
  return (g, args, at) => text(`${g.keep(nameOf)}(R,${uint(g, arg(args, 0, at))}>>>0)`);
};

export const BLOCK_CALLS: Calls = {
  blk_op_str: named(OPERATIONS, "UNKNOWN"),
  blk_zone_cond_str: since("6.19.0", zoneCondition(SINCE_ACTIVE), zoneCondition(ZONE_CONDITIONS)),
};
