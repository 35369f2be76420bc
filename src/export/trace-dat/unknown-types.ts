import type { Trace } from "../../trace.js";

/** Events of a type that has no format file. */
export interface UnknownTypes {
  readonly formats: readonly Uint8Array[];
  readonly events: number;
}

/**
 * Readers show an event only where its type has a format: without the modules' formats, or those of dynamic events, such
 * types get one that has the common fields and a text that says so.
 */
export function unknownTypes(trace: Trace): UnknownTypes {
  const { formats } = trace.writer;
  const counts = new Map<number, number>();
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { type } = event;
    if (type >= 0 && !formats.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return {
    formats: [...counts.keys()].map((type) => Buffer.from(formatOf(trace.text.name(type) ?? `type_${type}`, type))),
    events: [...counts.values()].reduce((sum, count) => sum + count, 0),
  };
}

function formatOf(name: string, type: number): string {
  return `name: ${name}
ID: ${type}
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

print fmt: "no format file"
`;
}
