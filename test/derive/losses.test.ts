import { expect, test } from "@jest/globals";
import { Losses } from "../../src/derive/losses.js";
import { KeptEvent } from "../../src/events/kept-event.js";
import { type Told, told } from "../support/story.js";

/** Follows events of these CPUs and times, before which so many were lost; -1: nobody counted. */
function lossesOf(events: readonly (readonly [cpu: number, us: number, lost: number])[]): Losses {
  const losses = new Losses(1e9);
  let next = 0;
  told(
    events.map(([cpu, us]): Told => [cpu, us, 1, "nothing"]),
    {
      every(event) {
        const kept = KeptEvent.of(event);
        kept.lost = events[next++]![2];
        losses.every(kept);
      },
    },
  );
  return losses;
}

const at = (us: number): number => 1e9 + us * 1000;

test("of a CPU all is known from the first event behind its last loss on, that event among it", () => {
  const losses = lossesOf([
    [0, 10, 0],
    [1, 15, 0],
    [0, 20, 5],
    [0, 30, -1],
    [0, 40, 0],
  ]);
  expect(losses.of(0)).toMatchObject({ places: 2, events: 5 });
  expect([29, 30, 31].map((us) => losses.knowsOn(0, at(us)))).toEqual([false, true, true]);
  expect([29, 30, 31].map((us) => losses.knowsSince(at(us)))).toEqual([false, true, true]);
  expect([0, 29].map((us) => losses.knowsOn(1, at(us)))).toEqual([true, true]);
});

test("what is lost before a CPU's oldest event is what its ring no longer holds: no loss", () => {
  const losses = lossesOf([
    [0, 10, 7],
    [0, 20, 0],
  ]);
  expect(losses.of(0)).toBeUndefined();
  expect([losses.knowsSince(at(-1)), losses.knowsSince(at(0))]).toEqual([false, true]);
});
