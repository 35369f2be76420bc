import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DecodeError } from "../../src/ground/errors.js";
import { Btf } from "../../src/system/btf.js";
import { KernelTypes } from "../../src/system/kernel-types.js";
import { sampleBtf } from "./make-btf.js";

describe.each([true, false])("BTF, little endian %s", (littleEndian) => {
  const { kernel, module } = sampleBtf(littleEndian);
  const btf = new Btf(kernel);
  const own = new Btf(module, btf);

  test("structs: members by name, those of anonymous unions with their place, bit fields with their width", () => {
    const outer = btf.find("outer", "struct")!;
    expect(outer).toMatchObject({ kind: "struct", size: 40 });
    expect(btf.members(outer.id).map(({ name }) => name)).toEqual(["first", "", "bits", "where"]);
    expect(btf.member(outer.id, "high")).toMatchObject({ bitOffset: 96, bitSize: 0 });
    expect(btf.member(outer.id, "bits")).toMatchObject({ bitOffset: 133, bitSize: 3 });
    expect(btf.member(outer.id, "none")).toBeUndefined();
  });

  test("typedefs and qualifiers lead to the type, arrays to their size", () => {
    expect(btf.strip(btf.find("outer_t", "typedef")!.id)).toMatchObject({ name: "outer" });
    const parameters = btf.parameters(btf.find("do_it", "func")!.id);
    expect(parameters.map(({ name }) => name)).toEqual(["count", "list", ""]);
    expect(btf.sizeOf(parameters[1]!.type, 8)).toBe(20);
    expect(btf.elements(parameters[1]!.type)).toBe(5);
    expect(btf.sizeOf(btf.member(btf.find("outer", "struct")!.id, "where")!.type, 4)).toBe(4);
    expect(btf.sizeOf(0, 8)).toBeUndefined();
    expect(btf.type(btf.parameters(btf.find("do_it", "func")!.id)[0]!.type)).toMatchObject({
      name: "int",
      signed: true,
    });
  });

  test("enums: signed ones below zero, wide ones beyond 32 bits", () => {
    expect([...btf.enumeratorValues("BROKEN")]).toEqual([-1n]);
    expect([...btf.enumeratorValues("HUGE")]).toEqual([0x8000000000000005n]);
    expect([...btf.enumeratorValues("MISSING")]).toEqual([]);
  });

  test("strings that would lie behind the end are none", () => {
    const bytes = Uint8Array.from(kernel);
    new DataView(bytes.buffer).setUint32(16, 0x7fffffff, littleEndian);
    const damaged = new Btf(bytes);
    expect(damaged.enumerator("BROKEN")).toBeUndefined();
    expect(damaged.findOnce("outer", "struct")).toBeUndefined();
    expect(damaged.find("outer", "struct")).toBeUndefined();
  });

  test("a module goes on where the kernel ends", () => {
    expect(own.find("outer", "struct")).toEqual(btf.find("outer", "struct"));
    expect(own.members(own.find("inner", "struct")!.id)).toMatchObject([{ name: "base" }]);
    expect(own.type(own.parameters(own.find("do_more", "func")!.id)[0]!.type)).toMatchObject({ name: "outer" });
    expect(own.findOwn("outer", "struct")).toBeUndefined();
  });

  test("kernel and modules together: a name that enums share has more than one value", () => {
    const types = new KernelTypes([
      { name: "driver", bytes: module },
      { name: "vmlinux", bytes: kernel },
      { name: "broken", bytes: kernel.subarray(0, 10) },
    ]);
    expect(types.find("do_more", "func")?.type.name).toBe("do_more");
    expect(types.enumeratorValues("SHARED")).toEqual([3n, 4n]);
    expect(types.enumeratorValues("ONLY_HERE")).toEqual([7n]);
    expect(types.problems.map(({ file }) => file)).toEqual(["broken"]);
  });
});

test("what is no BTF is refused", () => {
  expect(() => new Btf(new Uint8Array(10))).toThrow(DecodeError);
  expect(() => new Btf(new Uint8Array(100))).toThrow(DecodeError);
});

test("damaged BTF is read without a fault", () => {
  const { kernel } = sampleBtf();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(kernel.length - 1), fc.nat(255)), { maxLength: 12 }),
      fc.nat(kernel.length),
      (changes, length) => {
        const bytes = kernel.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        let btf: Btf;
        try {
          btf = new Btf(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(btf.end).toBeLessThanOrEqual(64);
        for (let id = 0; id <= btf.end; id++) {
          btf.type(id);
          btf.strip(id);
          btf.members(id);
          btf.member(id, "nowhere");
          btf.parameters(id);
          btf.enumerators(id);
          btf.sizeOf(id, 8);
        }
        btf.find("outer", "struct");
        btf.enumeratorValues("SHARED");
      },
    ),
    { numRuns: 500 },
  );
});
