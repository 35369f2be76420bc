import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const FOLDER = new URL("../../schemas/", import.meta.url);

interface Schema {
  readonly $id: string;
}

export const schemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(FOLDER).map((file) => [
    file.replace(/\.json$/, ""),
    JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Schema,
  ]),
);

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addSchema([...schemas.values()]);

/** Checks documents against a shipped schema, or a part of it (`#/$defs/event`); returns what does not fit. */
export function schemaOf(name: string, part = ""): (document: unknown) => string[] {
  const validate = ajv.getSchema(`${schemas.get(name)!.$id}${part}`)!;
  return (document) => {
    validate(document);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
  };
}
