import type { Trace } from "../../trace.js";
import { copiedPages } from "./copied-pages.js";
import type { PageData } from "./page-data.js";
import { rebuiltPages } from "./rebuilt-pages.js";

/** The image's own sub-buffers where they are as the events say; rebuilt ones otherwise. */
export function pageData(trace: Trace): PageData {
  const { subbufs } = trace;
  return subbufs === undefined ? rebuiltPages(trace) : copiedPages(trace, subbufs);
}
