import type { TraceEvent } from "../../events/event.js";
import type { FieldPlan } from "../../events/fields.js";
import { Stamp, type TextSink } from "../../print/text-sink.js";
import type { KernelTypes } from "../../system/kernel-types.js";
import { jsonText } from "./strings.js";

const ENUMS = new Stamp(',"enums":{');
const COMMA = 44;
const CLOSE = 125;

/** Writes `,"enums":{"field":"NAME"}`: what BTF calls the values of the fields whose declaration names an enum. */
export function enumsWriter(
  plans: readonly FieldPlan[],
  types: KernelTypes | undefined,
): ((event: TraceEvent, out: TextSink) => void) | undefined {
  const parts = plans.flatMap(({ kind, key, field, get }) => {
    const names = kind === "number" ? namesOf(field.type, types) : undefined;
    return names === undefined ? [] : [{ names, get }].map((part) => ({ ...part, key: `${jsonText(key)}:` }));
  });
  if (parts.length === 0) return undefined;
  return (event, out) => {
    let any = false;
    for (const { key, names, get } of parts) {
      const value = get(event);
      const name = typeof value === "number" || typeof value === "bigint" ? names.get(Number(value)) : undefined;
      if (name === undefined) continue;
      if (any) out.char(COMMA);
      else out.stamp(ENUMS);
      out.text(`${key}${name}`);
      any = true;
    }
    if (any) out.char(CLOSE);
  };
}

/** By value, the first name that the enum has for it, as JSON. */
function namesOf(type: string, types: KernelTypes | undefined): ReadonlyMap<number, string> | undefined {
  const name = /^(?:const )?enum (\w+)$/.exec(type)?.[1];
  const found = name === undefined ? undefined : (types?.find(name, "enum") ?? types?.find(name, "enum64"));
  if (found === undefined) return undefined;
  const names = new Map<number, string>();
  for (const { name: text, value } of found.btf.enumerators(found.type.id))
    if (!names.has(Number(value))) names.set(Number(value), jsonText(text));
  return names;
}
