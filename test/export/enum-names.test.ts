import { expect, test } from "@jest/globals";
import type { TraceEvent } from "../../src/events/event.js";
import { fieldPlans } from "../../src/events/fields.js";
import { enumsWriter } from "../../src/export/ndjson/enums-json.js";
import { TextSink } from "../../src/print/text-sink.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { KernelTypes } from "../../src/system/kernel-types.js";
import { sampleBtf } from "../system/make-btf.js";

const FORMAT = `name: one
ID: 300
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:enum state now;	offset:8;	size:4;	signed:1;
	field:int plain;	offset:12;	size:4;	signed:1;
	field:enum unknown other;	offset:16;	size:4;	signed:0;

print fmt: "%d", REC->now
`;
const types = new KernelTypes([{ name: "vmlinux", bytes: sampleBtf().kernel }]);
const plans = fieldPlans(parseFormat(FORMAT, { littleEndian: true, longSize: 8 }, "test"), true);

function written(now: number): string {
  const view = new DataView(new ArrayBuffer(20));
  view.setInt32(8, now, true);
  view.setInt32(12, 3, true);
  const out = new TextSink(1000);
  enumsWriter(plans, types)!({ view, data: 0, dataSize: 20, entSize: 20 } as TraceEvent, out);
  return out.take().toString("latin1");
}

test("values of fields that are enums, by the names of BTF", () => {
  expect(written(3)).toBe(',"enums":{"now":"SHARED"}');
  expect(written(-1)).toBe(',"enums":{"now":"BROKEN"}');
  expect(written(77)).toBe("");
});

test("without types, or without such a field, there is nothing to write", () => {
  expect(enumsWriter(plans, undefined)).toBeUndefined();
  expect(enumsWriter(plans.slice(1), types)).toBeUndefined();
});
