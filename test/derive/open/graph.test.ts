import { expect, test } from "@jest/globals";
import { follow } from "../../../src/derive/follow.js";
import { Losses } from "../../../src/derive/losses.js";
import { Messages } from "../../../src/derive/messages.js";
import { GraphStacks } from "../../../src/derive/open/graph.js";
import { readImage } from "../../../src/image/image.js";
import { MemorySource } from "../../../src/input/source.js";
import { openTrace } from "../../../src/trace/open.js";
import { LE64, madeImage, payload } from "../../support/made-events.js";
import { entry, exit } from "../../support/made-graph.js";

/** TRACE_PRINT. */
const PRINT = 5;

function graph(events: readonly Uint8Array[]) {
  const left: string[] = [];
  const functions = new GraphStacks(({ what, key }) => left.push(`${what} ${key}`));
  const messages = new Messages(2);
  const losses = new Losses(0);
  const image = madeImage(LE64, [(page) => events.reduce((at, each) => at.event(10, each), page)]);
  const trace = openTrace(readImage(new MemorySource(image)), { release: "7.3.4", formats: new Map() });
  follow(trace.events(), trace.kinds, [functions, messages, losses]);
  return { left, open: functions.of(1, 0).map(({ what, key }) => `${what} ${key}`), messages, losses };
}

test("functions without an exit are the stack", () => {
  const { left, open } = graph([entry(1, 0), entry(2, 1), entry(3, 2), exit(3, 2), entry(4, 2)]);
  expect(left).toEqual(["3 2"]);
  expect(open).toEqual(["1 0", "2 1", "4 2"]);
});

test("an entry or exit that is less deep ends what lies deeper; an exit of another function is no measure of time", () => {
  const { left, open } = graph([
    entry(1, 0),
    entry(2, 1),
    entry(3, 2),
    entry(4, 1),
    exit(9, 1),
    exit(1, 0),
    entry(5, 0),
  ]);
  expect(left).toEqual(["1 0"]);
  expect(open).toEqual(["5 0"]);
});

test("the last of what is said in words is kept, and a whole ring has lost nothing", () => {
  const says = (text: string) => payload(LE64, PRINT, 1, [[8, 0], text]);
  const { messages, losses } = graph([says("one\n"), entry(1, 0), says("two\n"), says("three\n")]);
  expect(messages.list().map(({ view, data }) => String.fromCharCode(view.getUint8(data + 16)))).toEqual(["t", "t"]);
  expect(losses.of(0)).toBeUndefined();
});
