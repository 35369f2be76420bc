import { expect, test } from "@jest/globals";
import { behaviourAt, type Change, covers, rangeText } from "../../src/ground/changes.js";
import { compareReleases, isSince, parseRelease, sinceText } from "../../src/ground/release.js";

test.each([
  ["6.18.15", [6, 18, 15]],
  ["v6.18.15", [6, 18, 15]],
  [" 6.18.15+deb13-cloud-amd64\n", [6, 18, 15]],
  ["6.18", [6, 18, Infinity]],
  ["7.9-rc1", [7, 9, Infinity]],
  ["7.0.0-rc1", [7, 0, 0]],
  ["6", undefined],
  ["", undefined],
  ["six", undefined],
])("%j is the release %j", (text, release) => {
  expect(parseRelease(text)).toEqual(release);
});

test("releases compare by their numbers; two numbers are the newest of the series", () => {
  const sorted = ["6.9.50", "6.12.9", "6.12.10", "6.12", "6.13.0", "10.0.0"].map((text) => parseRelease(text)!);
  expect([...sorted].reverse().sort(compareReleases)).toEqual(sorted);
  expect(compareReleases(parseRelease("6.12")!, parseRelease("6.12")!)).toBe(0);
  expect(isSince(parseRelease("6.12")!, "6.12.999")).toBe(true);
  expect(isSince(parseRelease("6.12")!, "6.13.0")).toBe(false);
  expect([sinceText("6.16.0"), sinceText("6.12.10")]).toEqual(["6.16", "6.12.10"]);
});

/** A fix of 6.14 that 6.12 took over. */
const FIX: readonly Change<{ fixed: boolean; at: string }>[] = [
  { since: "6.12.17", until: "6.13.0", evidence: "read", source: "", change: "", set: { fixed: true } },
  { since: "6.14.0", evidence: "read", source: "", change: "", set: { fixed: true, at: "6.14" } },
];

test("a fix that a stable series took over holds in that series and in what follows mainline", () => {
  const fixed = (text: string) => behaviourAt({ fixed: false, at: "" }, FIX, parseRelease(text)!).fixed;
  expect(["6.12.16", "6.12.17", "6.12", "6.13.0", "6.13", "6.14.0", "7.3"].map(fixed)).toEqual([
    false,
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
  expect(behaviourAt({ fixed: false, at: "" }, FIX, [6, 15, 0]).at).toBe("6.14");
  expect(covers(FIX[0]!, [6, 13, 0])).toBe(false);
});

test("a row says its releases as people do", () => {
  const text = (since: Change<never>["since"], until?: Change<never>["since"]) =>
    rangeText(until === undefined ? { since } : { since, until });
  expect([
    text("6.16.0"),
    text("6.12.0", "6.15.0"),
    text("6.15.0", "6.16.0"),
    text("6.12.17", "6.13.0"),
    text("6.19.6", "7.0.0"),
  ]).toEqual(["6.16 and later", "6.12 to 6.14", "6.15", "6.12.17 to 6.12.x", "6.19.6 to 6.19.x"]);
});
