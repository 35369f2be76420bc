import { type Calls, named } from "../call.js";

/** fs/ceph/strings.c; the numbers are the protocol's (include/linux/ceph/ceph_fs.h). */
const MDS_OPERATIONS: Readonly<Record<number, string>> = {
  256: "lookup",
  257: "getattr",
  258: "lookuphash",
  259: "lookupparent",
  260: "lookupino",
  272: "getfilelock",
  770: "open",
  773: "readdir",
  1024: "lookupsnap",
  1026: "lssnap",
  4357: "setxattr",
  4358: "rmxattr",
  // As the kernel writes it.
  4359: "setlayou",
  4360: "setattr",
  4361: "setfilelock",
  4362: "setdirlayout",
  4609: "mknod",
  4610: "link",
  4611: "unlink",
  4612: "rename",
  4640: "mkdir",
  4641: "rmdir",
  4642: "symlink",
  4865: "create",
  5120: "mksnap",
  5121: "rmsnap",
};

const CAP_OPERATIONS =
  "grant revoke trunc export import update drop flush flush_ack flushsnap flushsnap_ack release renew".split(" ");

export const CEPH_CALLS: Calls = {
  ceph_mds_op_name: named(MDS_OPERATIONS, "???"),
  ceph_cap_op_name: named(CAP_OPERATIONS, "???"),
};
