import type { Trace } from "../trace/trace.js";

/** What a kind of event is called; empty where nothing tells. */
export interface KindName {
  readonly system: string;
  readonly name: string;
}

/** ftrace's own events have no format file where none was collected. */
export function kindName({ writer, text }: Trace, type: number): KindName {
  const name = text.name(type) ?? "";
  return { system: writer.formats.get(type)?.system ?? (name === "" ? "" : "ftrace"), name };
}
