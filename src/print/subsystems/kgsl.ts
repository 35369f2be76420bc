import { type Calls, words } from "../call.js";

/** Qualcomm's msm-kgsl, kgsl_device.h: KGSL_STATE_*. */
const STATES: Readonly<Record<number, string>> = {
  0: "NONE",
  1: "INIT",
  2: "ACTIVE",
  4: "NAP",
  8: "SLEEP",
  16: "SUSPEND",
  32: "AWARE",
  128: "SLUMBER",
};

/** kgsl.c kgsl_pwrstate_to_str() */
export const KGSL_CALLS: Calls = {
  kgsl_pwrstate_to_str: words((state) => STATES[state] ?? "UNKNOWN", 1),
};
