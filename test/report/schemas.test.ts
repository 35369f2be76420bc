import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { schemaOf, schemas } from "../support/schema.js";

const SHARED = "defs";

/** Calls `visit` with every object of a JSON value, and where it is. */
function walk(value: unknown, visit: (object: Record<string, unknown>, path: string) => void, path = "#"): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>, path);
  for (const [key, each] of Object.entries(value)) walk(each, visit, `${path}/${key}`);
}

test("every command that prints JSON has a schema, by the name that its documents give", () => {
  const silent = ["collect-script", "completion", "man", "report"];
  const named = COMMANDS.map(({ name }) => name).filter((name) => !silent.includes(name));
  // export has another for many images.
  expect([...schemas.keys()].sort()).toEqual([...named, "dataset", SHARED].sort());
  for (const [name, schema] of schemas) {
    expect(schema.$id).toMatch(new RegExp(`^rbtool/${name}/\\d+$`));
    if (name === SHARED) continue;
    const consts = new Set<unknown>();
    walk(schema, (object, path) => {
      if (path.endsWith("/properties/schema")) consts.add(object.const);
    });
    expect([...consts]).toEqual([schema.$id]);
    expect(schemaOf(name)({ schema: schema.$id })).not.toEqual([]);
  }
});

test("what the documents share is written once", () => {
  const again: string[] = [];
  for (const [name, schema] of schemas) {
    if (name === SHARED) continue;
    walk(schema, (object, path) => {
      const properties = Object.keys((object.properties as object | undefined) ?? {});
      const has = (...names: string[]) => names.every((each) => properties.includes(each));
      if (["^[0-9]+$", "^-?[0-9]+$", "^0x[0-9a-f]+$"].includes(object.pattern as string)) again.push(name + path);
      if (has("name", "size") && properties.length === 2) again.push(name + path);
      if (has("id", "index") && properties.length === 2) again.push(name + path);
      if (has("places", "events")) again.push(name + path);
      if (path.endsWith("/properties/cpu") && object.type === "integer") again.push(name + path);
    });
  }
  expect(again).toEqual([]);
});

/** Times that no object around them says the unit of. */
function unitless(value: unknown, path: string, definitions: unknown, depth = 0): string[] {
  if (typeof value !== "object" || value === null || depth > 60) return [];
  const { $ref, properties } = value as { $ref?: string; properties?: Record<string, { properties?: object }> };
  if ($ref?.endsWith("/time")) return [path];
  const told = Object.hasOwn(properties ?? {}, "nanoseconds");
  if (told || Object.hasOwn(properties?.clock?.properties ?? {}, "nanoseconds")) return [];
  if ($ref?.startsWith("#/$defs/")) {
    const name = $ref.slice("#/$defs/".length);
    return unitless((definitions as Record<string, unknown>)[name], `${path}/${name}`, definitions, depth + 1);
  }
  return Object.entries(value).flatMap(([key, each]) =>
    key === "$defs" ? [] : unitless(each, `${path}/${key}`, definitions, depth + 1),
  );
}

test("times have their unit beside them", () => {
  const documents = [...schemas].filter(([name]) => name !== SHARED);
  const found = documents.flatMap(([name, schema]) => unitless(schema, name, (schema as { $defs?: object }).$defs));
  expect(found).toEqual([]);
});

test("each shared definition is used", () => {
  const used = new Set<string>();
  for (const schema of schemas.values())
    walk(schema, (object) => {
      if (typeof object.$ref === "string") used.add(object.$ref.replace(/.*\//, ""));
    });
  const { $defs } = schemas.get(SHARED) as unknown as { $defs: object };
  expect(Object.keys($defs).filter((name) => !used.has(name))).toEqual([]);
});
