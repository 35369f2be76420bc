import { describe, expect, test } from "@jest/globals";
import { survey } from "../../src/compare/outcome.js";
import type { Image } from "../../src/image/image.js";
import { openImage } from "../../src/index.js";
import { type SalvagedPage, salvage } from "../../src/reading/salvage/salvage.js";
import { Dump, dumpNames } from "../support/images.js";

/** v7.1-rewind: consumed pages of that kernel keep commit and time, so the truth about them is known. */
const have = dumpNames().includes("v7.1-rewind");

interface Opened {
  readonly image: Image;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

async function open(
  change: (view: DataView, consumed: readonly SalvagedPage[], image: Image) => void,
): Promise<Opened & { truth: readonly SalvagedPage[] }> {
  const bytes = Uint8Array.from(new Dump("v7.1-rewind").bytes("image.bin.gz"));
  const view = new DataView(bytes.buffer);
  const image = await openImage(bytes);
  const truth = pagesOf(image, bytes);
  change(
    view,
    truth.filter(({ evidence }) => evidence === "consumed-intact"),
    image,
  );
  return { image: await openImage(bytes), bytes, view, truth };
}

function pagesOf(image: Image, bytes: Uint8Array): readonly SalvagedPage[] {
  return salvage(image, survey(image).plan.bytes.length === bytes.length ? bytes : survey(image).plan.bytes).cpus[0]!
    .pages;
}

(have ? describe : describe.skip)("why a consumed page is brought back, or is not", () => {
  test("commit and time intact", async () => {
    const { truth } = await open(() => {});
    const back = truth.filter(({ kept, evidence }) => kept && evidence !== "unread");
    expect(back.length).toBe(8);
    expect(back.every(({ evidence, timeEstimated }) => evidence === "consumed-intact" && !timeEstimated)).toBe(true);
  });

  test("commit zeroed: the same events at the same times", async () => {
    const { image, bytes, truth } = await open((view, consumed) => {
      for (const { offset } of consumed) view.setBigUint64(offset + 8, 0n, true);
    });
    const found = pagesOf(image, bytes);
    for (const page of truth.filter(({ evidence }) => evidence === "consumed-intact")) {
      const same = found.find(({ index }) => index === page.index)!;
      expect(same).toMatchObject({
        kept: true,
        evidence: "consumed-commit-zeroed",
        events: page.events,
        from: page.from,
        to: page.to,
      });
    }
  });

  test("commit and time zeroed: the same events, at the latest time their neighbours allow", async () => {
    const { image, bytes, truth } = await open((view, consumed) => {
      for (const { offset } of consumed) {
        view.setBigUint64(offset, 0n, true);
        view.setBigUint64(offset + 8, 0n, true);
      }
    });
    const found = pagesOf(image, bytes);
    for (const page of truth.filter(({ evidence }) => evidence === "consumed-intact")) {
      const same = found.find(({ index }) => index === page.index)!;
      expect(same).toMatchObject({
        kept: true,
        evidence: "consumed-all-zeroed",
        events: page.events,
        timeEstimated: true,
      });
      expect(same.to! - same.from!).toBe(page.to! - page.from!);
      expect(same.from! >= page.from!).toBe(true);
    }
    const order = found.filter(({ kept }) => kept).map(({ index }) => index);
    expect(order).toEqual(truth.filter(({ kept }) => kept).map(({ index }) => index));
  });

  test("a time later than the unread pages: stale", async () => {
    let stale = -1;
    const { image, bytes } = await open((view, consumed) => {
      stale = consumed[3]!.index;
      view.setBigUint64(consumed[3]!.offset, 10n ** 15n, true);
    });
    expect(pagesOf(image, bytes).find(({ index }) => index === stale)).toMatchObject({
      kept: false,
      evidence: "stale",
    });
  });

  test("the same page twice: one of them", async () => {
    let copy = -1;
    const { image, bytes } = await open((_view, consumed, { layout }) => {
      const all = new Uint8Array(_view.buffer);
      const [first, second] = [consumed[2]!, consumed[3]!];
      all.copyWithin(second.offset, first.offset, first.offset + layout.geometry.subbufSize);
      copy = second.index;
    });
    const pages = pagesOf(image, bytes);
    expect(pages.find(({ index }) => index === copy)).toMatchObject({ kept: false, evidence: "duplicate" });
  });

  test("an unread page with a damaged time is put back between its neighbours", async () => {
    let damaged: SalvagedPage | undefined;
    const { image, bytes } = await open((view, _consumed, opened) => {
      const unread = pagesOf(opened, new Uint8Array(view.buffer)).filter(({ evidence }) => evidence === "unread");
      damaged = unread[4];
      view.setBigUint64(damaged!.offset, 0x8000_0000_0000_0000n, true);
    });
    const found = pagesOf(image, bytes).find(({ index }) => index === damaged!.index)!;
    expect(found).toMatchObject({ kept: true, events: damaged!.events, repairs: ["time-from-neighbours"] });
    expect(found.from! >= damaged!.from!).toBe(true);
  });
});
