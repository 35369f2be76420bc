import { expect, test } from "@jest/globals";
import { emptied, type Filled, Room } from "../../src/commands/jobs/memory.js";
import { type Making, Team } from "../../src/commands/jobs/team.js";
import type { Thread } from "../../src/threads.js";

const MIB = 1024 * 1024;

/** So many bytes, in pieces of any length. */
function* bytesOf(count: number, each: number): Generator<Buffer, string> {
  const piece = Buffer.alloc(each);
  for (let from = 0; from < count; from += each) {
    // The same memory again, as who writes does it.
    for (let i = 0; i < each; i++) piece[i] = (from + i) % 251;
    yield piece.subarray(0, Math.min(each, count - from));
  }
  return "the end";
}

test.each([17, 1000, 256 * 1024, 300_000, 3 * MIB])("pieces of %d bytes: what is filled is what was given", (each) => {
  const room = new Room();
  const filling = room.filledWith(bytesOf(5 * MIB + 7, each));
  const got: Buffer[] = [];
  let step = filling.next();
  for (; !step.done; step = filling.next()) {
    got.push(Buffer.from(Buffer.from(step.value.memory, 0, step.value.length)));
    emptied(step.value);
  }
  expect(step.value).toBe("the end");
  const all = Buffer.concat(got);
  expect(all.length).toBe(5 * MIB + 7);
  expect(all.findIndex((byte, i) => byte !== i % 251)).toBe(-1);
  expect(new Set(got.slice(0, -1).map(({ length }) => length))).toEqual(new Set([256 * 1024]));
});

test("a room is full with 16 MiB, however much a task makes; each piece that is emptied is place for one", () => {
  const room = new Room();
  const filling = room.filledWith(bytesOf(40 * MIB, MIB));
  const filled: Filled[] = [];
  const fill = (): void => {
    while (!room.full) filled.push(filling.next().value as Filled);
  };
  fill();
  expect(filled.length).toBe(64);
  for (const piece of filled.splice(3, 5)) emptied(piece);
  fill();
  expect(filled.length).toBe(64);
  expect(new Set(filled.map(({ memory }) => memory)).size).toBe(64);
});

/** A thread that is asked for pieces of work and gives them when told to. */
function asked(): Thread & { readonly numbers: number[]; say(message: unknown): void } {
  let hear = (_: unknown): void => {};
  return {
    numbers: [],
    post(message) {
      this.numbers.push(message as number);
    },
    listen: (handle) => {
      hear = handle;
    },
    say: (message) => hear(message),
    ended: () => {},
    stop: async () => {},
  };
}

/** Turns of the event loop, each of them time for a step. */
async function turns(until: () => boolean = () => false): Promise<void> {
  for (let i = 0; i < 500 && !until(); i++) await new Promise((resolve) => setImmediate(resolve));
}

test("work that is done here waits with its room full until what another has to give first is taken, then goes on", async () => {
  const thread = asked();
  const team = new Team([thread]);
  const room = new Room();
  let made = 0;
  const taken: string[] = [];
  const written = new Map<string, number>();
  let bytes = 0;
  const make = (): Making<Filled, string> => {
    const filling = room.filledWith(bytesOf(20 * MIB, MIB));
    return {
      get full() {
        return room.full;
      },
      next: () => {
        made++;
        return filling.next();
      },
    };
  };
  thread.say({ ready: true });
  const done = team.run<Filled, string>({
    count: 3,
    ask: (port, number) => port.post(number),
    make,
    async part(piece) {
      bytes += piece.length;
      emptied(piece);
    },
    async take(result) {
      taken.push(result);
      written.set(result, bytes);
      bytes = 0;
    },
  });
  await turns();
  // The first two are the other thread's: nothing of the third can be taken.
  expect([thread.numbers, made, taken]).toEqual([[0, 1], 64, []]);
  const other = new Room().filledWith(bytesOf(256 * 1024, 1000));
  thread.say({ number: 0, part: other.next().value });
  thread.say({ number: 0, result: "first" });
  await turns(() => taken.length > 0);
  await turns();
  expect([made, taken]).toEqual([64, ["first"]]);
  thread.say({ number: 1, result: "second" });
  await done;
  expect(taken).toEqual(["first", "second", "the end"]);
  expect([...written.values()]).toEqual([256 * 1024, 0, 20 * MIB]);
});
