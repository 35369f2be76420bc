import { type Calls, words } from "../call.js";

/** enum hw_event_mc_err_type; of any other number mc_event_error_type() says the last (include/linux/edac.h). */
export const EDAC_ERRORS = ["Corrected", "Uncorrected", "Deferred", "Fatal", "Info"] as const;

const mcEventErrorType = (type: number): string => EDAC_ERRORS[type] ?? "Info";

export const EDAC_CALLS: Calls = { mc_event_error_type: words(mcEventErrorType, 1) };
