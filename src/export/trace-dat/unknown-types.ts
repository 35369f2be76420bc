import type { Trace } from "../../trace/trace.js";
import type { Survey } from "./survey.js";

/** Events of a type that has no format file. */
export interface UnknownTypes {
  readonly formats: readonly Uint8Array[];
  readonly events: number;
}

/**
 * Readers show an event only where its type has a format: without the modules' formats, or those of dynamic events, such
 * types get one that has the common fields and a text that says so.
 */
export function unknownTypes({ writer, text }: Trace, { counts }: Survey): UnknownTypes {
  const formats: Uint8Array[] = [];
  let events = 0;
  counts.forEach((count, type) => {
    if (count === 0 || writer.formats.has(type)) return;
    formats.push(Buffer.from(formatOf(text.name(type) ?? `type_${type}`, type)));
    events += count;
  });
  return { formats, events };
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
