import { expect, test } from "vitest";
import { isLate } from "./showing";

test("what no segment may have yet lies about the end of the last one, or a little behind it", () => {
  const dvr = { fromMs: 0, toMs: 600_000 };
  // Its first frame was captured when the segment before it ended.
  expect([600_000, 599_500, 600_001, 603_000].map((ms) => isLate(ms, dvr))).toEqual([true, true, true, true]);
  expect([0, 590_000, 700_000].map((ms) => isLate(ms, dvr))).toEqual([false, false, false]);
  expect(isLate(600_000, null)).toBe(true);
});
