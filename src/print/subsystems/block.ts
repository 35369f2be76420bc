import { type Calls, named, since } from "../call.js";

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

export const BLOCK_CALLS: Calls = {
  blk_op_str: named(OPERATIONS, "UNKNOWN"),
  blk_zone_cond_str: since("6.19.0", named(SINCE_ACTIVE, "UNKNOWN"), named(ZONE_CONDITIONS, "UNKNOWN")),
};
