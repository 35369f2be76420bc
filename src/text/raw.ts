import type { TraceEvent } from "../events/event.js";
import { type FieldValue, isTexts } from "../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../events/fields.js";
import { textsInBraces } from "../print/runtime.js";
import type { EventText } from "./event-text.js";

/** `name: field=value ...`, numbers as they are stored: in hex where they are not signed. */
export function rawBody(view: {
  readonly text: EventText;
  readonly littleEndian: boolean;
}): (event: TraceEvent, type: number) => string {
  const kinds = new Map<number, readonly FieldPlan[] | undefined>();
  return (event, type) => {
    let fields = kinds.get(type);
    if (fields === undefined && !kinds.has(type)) {
      const format = view.text.format(type);
      fields = format && fieldPlans(format, view.littleEndian);
      kinds.set(type, fields);
    }
    let text = `${view.text.name(type) ?? `type ${type}`}:`;
    if (fields === undefined) {
      for (let at = 8; at < event.dataSize; at++)
        text += ` ${event.view
          .getUint8(event.data + at)
          .toString(16)
          .padStart(2, "0")}`;
      return `${text}\n`;
    }
    for (const { name, get } of fields) text += ` ${name}=${valueText(get(event))}`;
    return `${text}\n`;
  };
}

function valueText(value: FieldValue): string {
  switch (typeof value) {
    case "undefined":
      return "<OVERFLOW>";
    case "string":
      return value;
    case "number":
    case "bigint":
      return value < 0 ? String(value) : `0x${value.toString(16)}`;
    default:
      if (isTexts(value)) return textsInBraces(value);
      return `{${value.map((each) => (each < 0 ? String(each) : `0x${each.toString(16)}`)).join(",")}}`;
  }
}
