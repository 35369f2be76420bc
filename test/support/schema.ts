import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

/** Checks documents against a shipped schema; returns what does not fit. */
export function schemaOf(name: string): (document: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const schema = JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), "utf8"));
  const validate = ajv.compile(schema);
  return (document) => {
    validate(document);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
  };
}
