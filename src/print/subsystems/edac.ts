import { type Calls, words } from "../call.js";

/** include/linux/edac.h mc_event_error_type(). */
function mcEventErrorType(type: number): string {
  return ["Corrected", "Uncorrected", "Deferred", "Fatal"][type] ?? "Info";
}

export const EDAC_CALLS: Calls = { mc_event_error_type: words(mcEventErrorType, 1) };
