import { describe, expect, test } from "@jest/globals";
import { survey } from "../../src/compare/outcome.js";
import type { Image } from "../../src/image/image.js";
import { openImage } from "../../src/index.js";
import { readingOf } from "../../src/reading/reading.js";
import { salvage } from "../../src/reading/salvage/salvage.js";
import type { SubbufReading } from "../../src/reading/subbuf-reading.js";
import { Dump, dumpNames } from "../support/images.js";

/** v7.1-rewind: consumed pages of that kernel keep commit and time, so the truth about them is known. */
const have = dumpNames().includes("v7.1-rewind");

interface Opened {
  readonly image: Image;
  readonly view: DataView;
}

async function open(
  change: (view: DataView, consumed: readonly SubbufReading[], image: Image) => void,
): Promise<Opened & { truth: readonly SubbufReading[] }> {
  const bytes = Uint8Array.from(new Dump("v7.1-rewind").bytes("image.bin.gz"));
  const view = new DataView(bytes.buffer);
  const image = await openImage(bytes);
  const truth = pagesOf(image);
  change(
    view,
    truth.filter(({ evidence }) => evidence === "consumed-intact"),
    image,
  );
  return { image: await openImage(bytes), view, truth };
}

function pagesOf(image: Image): readonly SubbufReading[] {
  return [...salvage(image, survey(image).plan.size).cpus[0]!.pages.map(({ subbuf }) => subbuf)];
}

(have ? describe : describe.skip)("why a consumed page is brought back, or is not", () => {
  test("commit and time intact", async () => {
    const { truth } = await open(() => {});
    const back = truth.filter(({ believed, evidence }) => believed && evidence !== "unread");
    expect(back.length).toBe(8);
    expect(back.every(({ evidence, timeExact }) => evidence === "consumed-intact" && timeExact)).toBe(true);
  });

  test("commit zeroed: the same events at the same times", async () => {
    const { image, truth } = await open((view, consumed) => {
      for (const { offset } of consumed) view.setBigUint64(offset + 8, 0n, true);
    });
    const found = pagesOf(image);
    for (const page of truth.filter(({ evidence }) => evidence === "consumed-intact")) {
      const same = found.find(({ index }) => index === page.index)!;
      expect(same).toMatchObject({
        believed: true,
        evidence: "consumed-commit-zeroed",
        records: { events: page.records.events },
        firstTime: page.firstTime,
        lastTime: page.lastTime,
      });
    }
  });

  test("commit and time zeroed: the same events, at the latest time their neighbours allow", async () => {
    const { image, truth } = await open((view, consumed) => {
      for (const { offset } of consumed) {
        view.setBigUint64(offset, 0n, true);
        view.setBigUint64(offset + 8, 0n, true);
      }
    });
    const found = pagesOf(image);
    for (const page of truth.filter(({ evidence }) => evidence === "consumed-intact")) {
      const same = found.find(({ index }) => index === page.index)!;
      expect(same).toMatchObject({
        believed: true,
        evidence: "consumed-all-zeroed",
        records: { events: page.records.events },
        timeExact: false,
      });
      expect(same.lastTime! - same.firstTime!).toBe(page.lastTime! - page.firstTime!);
      expect(same.firstTime! >= page.firstTime!).toBe(true);
    }
    const order = found.filter(({ believed }) => believed).map(({ index }) => index);
    expect(order).toEqual(truth.filter(({ believed }) => believed).map(({ index }) => index));
  });

  test("a time later than the unread pages, and no commit: an earlier boot's", async () => {
    let stale = -1;
    const { image } = await open((view, consumed) => {
      const { index, offset } = consumed[3]!;
      stale = index;
      view.setBigUint64(offset, 10n ** 15n, true);
      view.setBigUint64(offset + 8, 0n, true);
    });
    expect(pagesOf(image).find(({ index }) => index === stale)).toMatchObject({
      believed: false,
      evidence: "stale",
    });
  });

  test("a time later than the unread pages, and a commit, which each boot clears: the time stamp is damaged", async () => {
    let damaged: SubbufReading | undefined;
    const { image, truth } = await open((view, consumed) => {
      damaged = consumed[3]!;
      view.setBigUint64(damaged.offset, 10n ** 15n, true);
    });
    const found = pagesOf(image);
    const page = found.find(({ index }) => index === damaged!.index)!;
    const { events } = damaged!.records;
    const evidence = "consumed-intact";
    expect(page).toMatchObject({ believed: true, evidence, repairs: ["time-from-neighbours"], records: { events } });
    const orderOf = (pages: readonly SubbufReading[]) => pages.filter(({ believed }) => believed).map(({ id }) => id);
    expect(orderOf(found)).toEqual(orderOf(truth));
    expect(page.firstTime! >= damaged!.firstTime!).toBe(true);
  });

  test("entries of buffers[] that were exchanged: what was consumed stands where its time does", async () => {
    const { image, truth } = await open((view, consumed, { cpus: [cpu] }) => {
      const at = ({ id }: SubbufReading): number => cpu!.buffersOffset + 4 * id;
      for (const [a, b] of [
        [consumed[0]!, consumed[6]!],
        [consumed[2]!, consumed[5]!],
      ] as const) {
        view.setUint32(at(a), b.index, true);
        view.setUint32(at(b), a.index, true);
      }
    });
    const told = (pages: readonly SubbufReading[]) =>
      pages
        .filter(({ believed }) => believed)
        .map(({ index, firstTime, lastTime, timeExact }) => ({ index, firstTime, lastTime, timeExact }));
    expect(told(pagesOf(image))).toEqual(told(truth));
  });

  /** With a head that is too late by some pages. */
  const behindHead = async (damage: (view: DataView, page: SubbufReading, first: SubbufReading) => void) => {
    let damaged: SubbufReading | undefined;
    const { image, truth } = await open((view, _consumed, opened) => {
      const unread = pagesOf(opened).filter(({ evidence }) => evidence === "unread");
      const cpu = opened.cpus[0]!;
      const head = cpu.firstBuffer! + BigInt(unread.at(-1)!.index * cpu.subbufSize);
      view.setBigUint64(cpu.meta!.spans.head_buffer.offset, head, true);
      damaged = unread.at(-3)!;
      damage(view, damaged, unread[0]!);
    });
    const pages = pagesOf(image).filter(({ believed }) => believed);
    expect(pages.map(({ index }) => index)).toEqual(truth.filter(({ believed }) => believed).map(({ index }) => index));
    return { page: pages.find(({ index }) => index === damaged!.index)!, damaged: damaged! };
  };

  test("behind a wrong head, a time stamp that is no time of its own: unread as those on both sides", async () => {
    const { page, damaged } = await behindHead((view, { offset }, first) =>
      view.setBigUint64(offset, first.header.timeStamp, true),
    );
    expect(page).toMatchObject({ evidence: "unread", records: { events: damaged.records.events } });
    expect(page.repairs).toContain("time-from-neighbours");
  });

  test("behind a wrong head, a delta that leads beyond the next page: unread as those on both sides", async () => {
    const { page, damaged } = await behindHead((view, { offset }) => {
      // Of its first record.
      const word = view.getUint32(offset + 16, true);
      view.setUint32(offset + 16, (word | 0xf800_0000) >>> 0, true);
    });
    expect(page).toMatchObject({ evidence: "unread", records: { events: damaged.records.events } });
    expect(page.repairs).toContain("order-from-time");
  });

  test("the same page twice: one of them", async () => {
    let copy = -1;
    const { image } = await open((_view, consumed, { layout }) => {
      const all = new Uint8Array(_view.buffer);
      const [first, second] = [consumed[2]!, consumed[3]!];
      all.copyWithin(second.offset, first.offset, first.offset + layout.geometry.subbufSize);
      copy = second.index;
    });
    const pages = pagesOf(image);
    expect(pages.find(({ index }) => index === copy)).toMatchObject({ believed: false, evidence: "duplicate" });
  });

  test.each([
    ["without its time stamp", 0, 0n],
    ["with a wrong commit", 8, 2032n],
  ] as const)("the same page twice, once %s: the other", async (_what, at, value) => {
    let whole: SubbufReading | undefined;
    const { image } = await open((view, _consumed, opened) => {
      const unread = pagesOf(opened).filter(({ evidence }) => evidence === "unread");
      const { subbufSize } = opened.layout.geometry;
      whole = unread[4]!;
      new Uint8Array(view.buffer).copyWithin(unread[2]!.offset, whole.offset, whole.offset + subbufSize);
      view.setBigUint64(unread[2]!.offset + at, value, true);
    });
    const { index, time } = whole!;
    expect(pagesOf(image).find((page) => page.index === index)).toMatchObject({ believed: true, time, repairs: [] });
  });

  test("the only page with events, without its time stamp, and consumed as head and commit say: it is kept", async () => {
    let only: SubbufReading | undefined;
    const { image } = await open((view, consumed, opened) => {
      only = consumed[3]!;
      for (const { index, offset, header } of pagesOf(opened))
        if (index !== only.index) new Uint8Array(view.buffer, offset, 16 + header.size).fill(0);
      view.setBigUint64(only.offset, 0n, true);
    });
    const { index, records } = only!;
    const { events } = records;
    expect(pagesOf(image).filter(({ believed }) => believed)).toMatchObject([{ index, records: { events } }]);
  });

  test("an unread page that holds an earlier lap's bytes: named so, and its events stand among the consumed ones", async () => {
    let old: SubbufReading | undefined;
    const { image } = await open((view, consumed, opened) => {
      const all = new Uint8Array(view.buffer);
      const { subbufSize } = opened.layout.geometry;
      old = pagesOf(opened).filter(({ evidence }) => evidence === "unread")[4]!;
      const { offset } = consumed[3]!;
      all.copyWithin(old.offset, offset, offset + subbufSize);
      all.fill(0, offset, offset + subbufSize);
      // As if the writer had gone round the ring before.
      for (const page of pagesOf(opened)) if (page.evidence === "empty") all[page.offset + subbufSize - 1] = 1;
    });
    const state = "consumed";
    expect(pagesOf(image).find(({ index }) => index === old!.index)).toMatchObject({ evidence: "older-lap", state });
    const findings = readingOf(image).findings.list.filter(({ offset }) => offset === old!.offset);
    expect(findings.map(({ code }) => code)).toEqual(["subbuf-older-lap"]);
  });

  test("an unread page with the time of one that was consumed: no earlier lap's, its time stamp is damaged", async () => {
    let damaged: SubbufReading | undefined;
    const { image } = await open((view, consumed, opened) => {
      const { subbufSize } = opened.layout.geometry;
      const unread = pagesOf(opened).filter(({ evidence }) => evidence === "unread");
      damaged = unread[4]!;
      view.setBigUint64(damaged.offset, consumed[3]!.time + 1n, true);
      view.setBigUint64(unread[5]!.offset, 0x8000_0000_0000_0000n, true);
      const all = new Uint8Array(view.buffer);
      for (const page of pagesOf(opened)) if (page.evidence === "empty") all[page.offset + subbufSize - 1] = 1;
    });
    expect(pagesOf(image).find(({ index }) => index === damaged!.index)).toMatchObject({
      believed: true,
      evidence: "unread",
      repairs: ["time-from-neighbours"],
    });
  });

  test("an unread page with a damaged time is put back between its neighbours", async () => {
    let damaged: SubbufReading | undefined;
    const { image } = await open((view, _consumed, opened) => {
      const unread = pagesOf(opened).filter(({ evidence }) => evidence === "unread");
      damaged = unread[4];
      view.setBigUint64(damaged!.offset, 0x8000_0000_0000_0000n, true);
    });
    const found = pagesOf(image).find(({ index }) => index === damaged!.index)!;
    expect(found).toMatchObject({
      believed: true,
      records: { events: damaged!.records.events },
      repairs: ["time-from-neighbours"],
    });
    expect(found.firstTime! >= damaged!.firstTime!).toBe(true);
  });
});
