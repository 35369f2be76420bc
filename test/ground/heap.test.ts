import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Heap } from "../../src/ground/heap.js";

/** By a weight each, of equal ones the smaller number. */
class ByWeight extends Heap {
  constructor(readonly weights: number[]) {
    super();
    for (const number of weights.keys()) this.push(number);
  }

  protected isBefore(a: number, b: number): boolean {
    return this.weights[a]! < this.weights[b]! || (this.weights[a] === this.weights[b] && a < b);
  }
}

test("the first and the second are those of a sorted list, also when the first gets another weight", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.array(fc.oneof(fc.nat(12), fc.constant(undefined))), (weights, changes) => {
      const heap = new ByWeight([...weights]);
      const left = new Set(weights.keys());
      const check = (): void => {
        const sorted = [...left].sort((a, b) => heap.weights[a]! - heap.weights[b]! || a - b);
        expect([heap.first, heap.second]).toEqual([sorted[0], sorted[1]]);
      };
      check();
      for (const change of changes) {
        const { first } = heap;
        if (change === undefined) {
          heap.removeFirst();
          if (first !== undefined) left.delete(first);
        } else if (first !== undefined) {
          heap.weights[first] = change;
          heap.sinkFirst();
        }
        check();
      }
    }),
  );
});
