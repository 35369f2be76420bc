import type { Trace } from "../../trace/trace.js";
import { copiedPages } from "./copied-pages.js";
import type { PageData } from "./page-data.js";
import { rebuiltPages } from "./rebuilt-pages.js";

/** The image's own sub-buffers where they are as the events say, and none needs a mark; rebuilt ones otherwise. */
export function pageData(trace: Trace): PageData {
  const { subbufs, uncertain } = trace;
  return subbufs === undefined || uncertain?.ofAnyNumber ? rebuiltPages(trace) : copiedPages(trace, subbufs);
}
