import { type EventField, type EventFormat, isStrings } from "../system/formats/parse-format.js";
import { type FieldGetter, fieldGetter } from "./field-access.js";

/** One field of a kind of event, as every output and the filters take it. */
export interface FieldPlan {
  /** As the format file calls it. */
  readonly name: string;
  /** The same, but unlike that of every other field of the event. */
  readonly key: string;
  readonly kind: "number" | "pointer" | "text" | "array" | "bytes";
  /** From the record's data on; of a dynamic field, where the word that tells its place lies. */
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  /** The declaration, for what only one reader of it asks. */
  readonly field: EventField;
  readonly get: FieldGetter;
}

const plans = new WeakMap<EventFormat, readonly FieldPlan[]>();

/** The fields of an event but for the common ones, in the format file's order; worked out once. */
export function fieldPlans(format: EventFormat, littleEndian: boolean): readonly FieldPlan[] {
  let there = plans.get(format);
  if (there === undefined) {
    const fields = format.fields.filter(({ common }) => !common);
    const keys = uniqueNames(fields);
    there = fields.map((field, i) => ({
      name: field.name,
      key: keys[i]!,
      kind: kindOf(field),
      offset: field.offset,
      size: field.size,
      signed: field.shape === "int" && field.signed,
      field,
      get: fieldGetter(field, littleEndian),
    }));
    plans.set(format, there);
  }
  return there;
}

function kindOf(field: EventField): FieldPlan["kind"] {
  const { shape, isString } = field;
  if (shape === "int") return "number";
  if (shape === "pointer") return "pointer";
  if (isString && !isStrings(field)) return "text";
  return shape === "opaque" ? "bytes" : "array";
}

/** Of fields of one name, the kernel's filters find the last: it keeps the name; the others get their struct member's, or their place. */
function uniqueNames(fields: readonly EventField[]): string[] {
  return fields.map(({ name, shape, offset }, i) => {
    if (!fields.some((other, j) => j > i && other.name === name)) return name;
    return shape === "data_loc" || shape === "rel_loc" ? `__${shape}_${name}` : `${name}@${offset}`;
  });
}
