/** As much of JSON Schema as the shipped files use. Returns the first place that does not fit, or null. */
export function mismatch(schema: Schema, value: unknown, root: Schema = schema, at = "$"): string | null {
  if (schema.$ref) return mismatch(root.$defs![schema.$ref.replace("#/$defs/", "")]!, value, root, at);
  if (schema.anyOf) {
    const all = schema.anyOf.map((option) => mismatch(option, value, root, at));
    return all.includes(null) ? null : all.join(" and ");
  }
  if ("const" in schema) return value === schema.const ? null : `${at}: not ${String(schema.const)}`;
  if (schema.enum)
    return schema.enum.includes(value) ? null : `${at}: ${String(value)} is not among ${schema.enum.join()}`;
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.includes(typeOf(value)) && !(types.includes("number") && typeof value === "number"))
    return `${at}: ${typeOf(value)} is not ${types.join("|")}`;
  if (schema.pattern && typeof value === "string" && !new RegExp(schema.pattern).test(value)) return `${at}: ${value}`;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const wrong = schema.items ? mismatch(schema.items, item, root, `${at}[${i}]`) : null;
      if (wrong) return wrong;
    }
  } else if (typeof value === "object" && value !== null) {
    for (const name of schema.required ?? []) if (!(name in value)) return `${at}: ${name} is missing`;
    for (const [name, item] of Object.entries(value)) {
      const property = schema.properties?.[name];
      if (!property) {
        if (schema.additionalProperties === false) return `${at}: ${name} is not in the schema`;
        continue;
      }
      const wrong = mismatch(property, item, root, `${at}.${name}`);
      if (wrong) return wrong;
    }
  }
  return null;
}

export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
