import { type Calls, named } from "../call.js";

/** fs/bcachefs/bcachefs_format.h BCH_BTREE_IDS() (6.12.117; gone in 6.18). */
const BTREES =
  "extents inodes dirents xattrs alloc quotas stripes reflink subvolumes snapshots lru freespace need_discard backpointers bucket_gens snapshot_trees deleted_inodes logged_ops rebalance_work subvolume_children accounting".split(
    " ",
  );

export const BCACHEFS_CALLS: Calls = {
  bch2_btree_id_str: named(BTREES, "(unknown)"),
};
