import { isSince, type Release } from "../ground/release.js";

/** drivers/android/binder.c (6.12.117 and 7.3.4), by the numbers of include/uapi/linux/android/binder.h. */
const BINDER_COMMANDS =
  "BC_TRANSACTION BC_REPLY BC_ACQUIRE_RESULT BC_FREE_BUFFER BC_INCREFS BC_ACQUIRE BC_RELEASE BC_DECREFS BC_INCREFS_DONE BC_ACQUIRE_DONE BC_ATTEMPT_ACQUIRE BC_REGISTER_LOOPER BC_ENTER_LOOPER BC_EXIT_LOOPER BC_REQUEST_DEATH_NOTIFICATION BC_CLEAR_DEATH_NOTIFICATION BC_DEAD_BINDER_DONE BC_TRANSACTION_SG BC_REPLY_SG".split(
    " ",
  );
const BINDER_RETURNS =
  "BR_ERROR BR_OK BR_TRANSACTION BR_REPLY BR_ACQUIRE_RESULT BR_DEAD_REPLY BR_TRANSACTION_COMPLETE BR_INCREFS BR_ACQUIRE BR_RELEASE BR_DECREFS BR_ATTEMPT_ACQUIRE BR_NOOP BR_SPAWN_LOOPER BR_FINISHED BR_DEAD_BINDER BR_CLEAR_DEATH_NOTIFICATION_DONE BR_FAILED_REPLY BR_FROZEN_REPLY BR_ONEWAY_SPAM_SUSPECT BR_TRANSACTION_PENDING_FROZEN".split(
    " ",
  );

/** The names of an array that the kernel keeps and print formats index; undefined when it is not known. */
export function kernelArray(name: string, kernel: Release): readonly string[] | undefined {
  // Binder tells of frozen processes.
  const freeze = isSince(kernel, "6.13.0");
  switch (name) {
    case "binder_command_strings":
      return freeze
        ? [
            ...BINDER_COMMANDS,
            "BC_REQUEST_FREEZE_NOTIFICATION",
            "BC_CLEAR_FREEZE_NOTIFICATION",
            "BC_FREEZE_NOTIFICATION_DONE",
          ]
        : BINDER_COMMANDS;
    case "binder_return_strings":
      return freeze ? [...BINDER_RETURNS, "BR_FROZEN_BINDER", "BR_CLEAR_FREEZE_NOTIFICATION_DONE"] : BINDER_RETURNS;
  }
  return undefined;
}
