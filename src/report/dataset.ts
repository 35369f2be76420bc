import type { Shortfall } from "../export/sink.js";

interface ImageOfHost {
  readonly image: string;
  readonly host: string;
  readonly boot: string;
  readonly path: string;
}

/** What became of one image of a data set. */
export type DatasetPart =
  | (ImageOfHost & {
      readonly state: "written";
      readonly events: number;
      readonly size: number;
      readonly shortfalls: readonly Shortfall[];
    })
  | (ImageOfHost & { readonly state: "there" })
  | (ImageOfHost & { readonly state: "failed"; readonly message: string });

export type DatasetReport = ReturnType<typeof datasetReport>;

/** The report of `export --dataset`, as its JSON document (schemas/dataset.json). */
export function datasetReport(dataset: string, parts: readonly DatasetPart[]) {
  const written = parts.filter((part) => part.state === "written");
  return {
    schema: "rbtool/dataset/1" as const,
    dataset,
    events: written.reduce((sum, { events }) => sum + events, 0),
    written,
    /** Done before. */
    there: parts.filter((part) => part.state === "there"),
    failed: parts.filter((part) => part.state === "failed"),
  };
}
